"""frameworks.django.py SOCKET DATABASE: what a typical application of Django does, step by step, a line for each with
what it answered; tests/sql/frameworks runs it on a SQLite node and on a plain PostgreSQL, and compares the lines."""
import datetime, decimal, io, os, re, sys, tempfile, uuid

MODELS = '''
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

class Shelf(models.Model):
    name = models.CharField(max_length=30, unique=True)

class Tag(models.Model):
    word = models.SlugField(unique=True)

class Book(models.Model):
    class Kind(models.TextChoices):
        NOVEL = "N"
        TRADE = "T"
    title = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=1, choices=Kind.choices, default=Kind.NOVEL)
    pages = models.PositiveIntegerField(default=0)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    weight = models.FloatField(null=True)
    sold = models.BigIntegerField(default=0)
    small = models.SmallIntegerField(null=True)
    lent = models.BooleanField(default=False)
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    clock = models.TimeField(null=True)
    lasts = models.DurationField(null=True)
    code = models.UUIDField(null=True)
    raw = models.BinaryField(null=True)
    extra = models.JSONField(default=dict)
    words = ArrayField(models.CharField(max_length=20), default=list)
    host = models.GenericIPAddressField(null=True)
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag)
    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["title", "shelf"], name="once_on_shelf"),
            models.UniqueConstraint(fields=["small"], condition=models.Q(lent=True), name="small_when_lent"),
            models.CheckConstraint(check=models.Q(pages__lte=9000), name="not_too_thick"),
        ]
        indexes = [models.Index(fields=["-day", "kind"], name="by_day"), models.Index(Lower("title"),
        name="by_lower")]
'''
SECOND = '''
from django.db import migrations, models
def fill(apps, editor):
    apps.get_model("shop", "Shelf").objects.update(floor=7)
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("shelf", "floor", models.IntegerField(default=1)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("shelf", "name", models.TextField(unique=True)),
        migrations.AddField("shelf", "note", models.CharField(max_length=9, null=True)),
        migrations.RenameField("shelf", "note", "remark"),
        migrations.AlterField("shelf", "remark", models.CharField(max_length=40, default="-", null=False)),
        migrations.RemoveIndex("book", "by_day"),
        migrations.RenameModel("Tag", "Label"),
        migrations.CreateModel("Visit", [("id", models.BigAutoField(primary_key=True)),
            ("shelf", models.ForeignKey("shop.Shelf", models.SET_NULL, null=True))]),
        migrations.RunSQL("create view shop_long as select * from shop_book where pages > 100",
            "drop view shop_long"),
    ]
'''
where = tempfile.mkdtemp()
os.makedirs(where + "/shop/migrations")
for name, text in (("__init__", ""), ("models", MODELS), ("migrations/__init__", "")):
    with open(f"{where}/shop/{name}.py", "w") as f:
        f.write(text)
sys.path.insert(0, where)
sys.dont_write_bytecode = True

import django
from django.conf import settings
settings.configure(SECRET_KEY="x", USE_TZ=True, TIME_ZONE="UTC", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "shop"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": sys.argv[1], "NAME": sys.argv[2],
        "USER": "admin"}})
django.setup()
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import (Avg, Case, CharField, Count, Exists, F, IntegerField, Max, OuterRef, Prefetch, Q,
    Subquery, Sum, Value, When, Window)
from django.db.models import functions as fn
from django.db.models.functions import RowNumber
from django.contrib.postgres.aggregates import ArrayAgg, BoolOr, StringAgg
from django.contrib.auth.models import Group, User

number = 0
def step(name, do):
    global number
    number += 1
    try:
        answer = do()
    except Exception as e:
        answer = f"{type(e).__name__} {getattr(e.__cause__, 'pgcode', '')}"
    print(f"{number} {name}: {answer!r}")

def command(*words, **options):
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return re.sub(r"\d{4}-\d\d-\d\d[ T][\d:.]+", "TIME", out.getvalue())

step("makemigrations", lambda: sorted(os.path.basename(l) for l in command("makemigrations", "shop").split()
    if l.endswith(".py")))
with open(where + "/shop/migrations/0002_second.py", "w") as f:
    f.write(SECOND)
def schema():
    with connection.cursor() as c:
        tables = sorted(t.name for t in connection.introspection.get_table_list(c) if t.name.startswith("shop"))
        return [(t, sorted((d.name, d.type_code, d.null_ok) for d in
            connection.introspection.get_table_description(c, t)), sorted((k, v["columns"], v["primary_key"],
            v["unique"], v["foreign_key"], v["check"], v["index"], v.get("orders")) for k, v in
            connection.introspection.get_constraints(c, t).items() if not re.search("_[0-9a-f]{8}",
        k))) for t in tables]
step("migrate all", lambda: command("migrate", "shop", "0001").count("OK"))
step("schema", schema)
step("migrate the rest", lambda: command("migrate").count("OK"))
step("schema after", schema)
step("inspectdb", lambda: command("inspectdb", "shop_book", "shop_shelf"))
step("migrate down", lambda: command("migrate", "shop", "0001").count("OK"))
step("schema down", schema)
step("showmigrations", lambda: command("showmigrations", "shop"))
step("sqlmigrate", lambda: command("sqlmigrate", "shop", "0001"))
step("check", lambda: command("check", databases=["default"]))
from shop.models import Book, Shelf, Tag

day, at = datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=datetime.timezone.utc)
step("create", lambda: [s.pk for s in (Shelf.objects.create(name="top"), Shelf.objects.create(name="low"))])
step("bulk_create", lambda: len(Book.objects.bulk_create([Book(title=f"Book {i:02}", pages=i * 100,
        shelf_id=1 + i % 2,
    price=decimal.Decimal(i) + decimal.Decimal("0.50"), weight=i / 4, sold=i * 10**10, day=day +
    datetime.timedelta(days=i), at=at + datetime.timedelta(hours=i), clock=datetime.time(i, 30), lasts=datetime.
    timedelta(days=i, seconds=5), code=uuid.UUID(int=i), raw=bytes([0, i, 255]), extra={"n": i, "deep": {"a": [i,
        "é"]},
    "on": i % 2 == 0}, words=["w", f"x{i}"], host=f"10.0.0.{i}") for i in range(12)])))
step("every field", lambda: list(Book.objects.values_list("title", "kind", "pages", "price", "weight", "sold",
        "small",
    "lent", "day", "at", "clock", "lasts", "code", "extra", "words", "host").order_by("id")[:3]))
step("binary", lambda: bytes(Book.objects.get(title="Book 03").raw))
step("ignore_conflicts", lambda: (Tag.objects.bulk_create([Tag(word=w) for w in "aab"], ignore_conflicts=True),
    Tag.objects.count())[1])
step("many to many", lambda: [b.tags.set(Tag.objects.all()) for b in Book.objects.filter(pages__gte=900)])
step("through reverse", lambda: list(Tag.objects.filter(book__pages__gt=1000).values_list("word", flat=True).order_by(
    "word")))
step("get_or_create", lambda: [Shelf.objects.get_or_create(name=n)[1] for n in ("top", "mid")])
step("update_or_create", lambda: Book.objects.update_or_create(title="Book 00", shelf_id=1, defaults={"pages": 5})[1])
step("F update", lambda: Book.objects.filter(shelf__name="top").update(sold=F("sold") + F("pages") * 2))
step("bulk_update", lambda: Book.objects.bulk_update([Book(id=i, small=i) for i in (1, 2, 3)], ["small"]))
step("lookups", lambda: [Book.objects.filter(**{k: v}).count() for k, v in {"title__icontains": "bOOk 0",
    "title__istartswith": "book 1", "title__endswith": "1", "title__regex": r"0[1-3]$", "title__iregex": "BOOK",
    "pages__range": (200, 500), "pages__in": [100, 300], "day__year": 2024, "day__month": 3, "day__week_day": 6,
    "at__date": day, "at__hour__gte": 15, "small__isnull": True, "price__gte": "3.50", "code": uuid.UUID(int=4),
    "lasts__gt": datetime.timedelta(days=3), "clock__minute": 30, "title__exact": "Book 05",
        "words__contains": ["x3"],
    "words__len": 2, "words__overlap": ["x1", "x2"], "words__1": "x4", "host": "10.0.0.3", "lent": False}.items()])
step("json", lambda: [Book.objects.filter(**{k: v}).count() for k, v in {"extra__n": 3, "extra__n__gt": 5,
    "extra__deep__a__0": 2, "extra__has_key": "on", "extra__contains": {"on": True}, "extra__deep__a__1": "é",
    "extra__has_any_keys": ["x", "n"], "extra__nothing__isnull": True, "extra__contained_by": {"n": 1}}.items()])
step("json values", lambda: list(Book.objects.order_by("-extra__n").values_list("extra__deep__a", flat=True)[:2]))
step("aggregate", lambda: Book.objects.aggregate(Sum("pages"), Avg("price"), Max("at"), n=Count("*"),
    m=Count("shelf", distinct=True), odd=Count("id", filter=Q(lent=False, pages__gt=300)), b=BoolOr("lent")))
step("group", lambda: list(Shelf.objects.annotate(n=Count("books"), p=Sum("books__pages")).filter(n__gt=0).order_by(
    "name").values_list("name", "n", "p")))
step("array_agg", lambda: list(Shelf.objects.annotate(a=ArrayAgg("books__pages", ordering="books__pages"),
        s=StringAgg(
    "books__title", ",", ordering="-books__title")).order_by("id").values_list("a", "s")))
step("group by a subquery", lambda: list(Book.objects.annotate(tagged=Exists(Tag.objects.filter(book=OuterRef("pk"))))
    .values("tagged").annotate(n=Count("id")).order_by("tagged")))
step("subquery", lambda: list(Shelf.objects.annotate(last=Subquery(Book.objects.filter(shelf=OuterRef("pk")).order_by(
    "-day").values("title")[:1])).order_by("id").values_list("name", "last")))
step("case", lambda: list(Book.objects.annotate(size=Case(When(pages__gt=800, then=Value("big")), When(pages__gt=300,
    then=Value("middling")), default=Value("small"), output_field=CharField())).values("size").annotate(n=Count("id"))
    .order_by("size")))
step("window", lambda: list(Book.objects.annotate(r=Window(RowNumber(), partition_by=[F("shelf")], order_by=F("pages")
    .desc())).order_by("shelf", "r").values_list("shelf", "r", "title")[:4]))
step("functions", lambda: list(Book.objects.order_by("id").annotate(u=fn.Upper("title"), c=fn.Concat("title", Value(
        "/"),
    "kind"), l=fn.Length("title"), m=fn.TruncMonth("at"), y=fn.ExtractYear("day"), w=fn.ExtractWeek("at"),
        k=fn.Coalesce(
    "small", Value(0)), g=fn.Greatest("pages", Value(150)), s=fn.Substr("title", 1, 3), h=fn.MD5("title"), x=fn.Cast(
    "price", IntegerField()), e=fn.Round("weight"), z=fn.StrIndex("title", Value("0")), q=fn.NullIf("kind", Value(
        "N")))
    .values_list("u", "c", "l", "m", "y", "w", "k", "g", "s", "h", "x", "e", "z", "q")[:3]))
step("union", lambda: sorted(Book.objects.filter(pages__lt=200).values_list("title").union(Book.objects.filter(
    pages__gt=1000).values_list("title"))))
step("except, intersect", lambda: [Book.objects.filter(pages__lt=600).order_by().difference(Book.objects.filter(
    shelf_id=1).order_by()).count(), Book.objects.filter(pages__lt=600).order_by().intersection(Book.objects.filter(
    shelf_id=1).order_by()).count()])
step("distinct on", lambda: list(Book.objects.order_by("shelf", "-pages").distinct("shelf").values_list("shelf",
        "title")))
step("dates", lambda: [list(Book.objects.dates("day", "month")), list(Book.objects.datetimes("at", "day"))[:2]])
step("select_related", lambda: [(b.title, b.shelf.name) for b in Book.objects.select_related("shelf")[:3]])
step("prefetch", lambda: [(s.name, [b.title for b in s.books.all()][:2]) for s in Shelf.objects.order_by("id")
    .prefetch_related(Prefetch("books", Book.objects.order_by("-pages")))])
step("exclude", lambda: Book.objects.exclude(Q(tags__word="a") | Q(pages__lt=400)).count())
step("raw", lambda: [s.name for s in Shelf.objects.raw(
    "select id, name from shop_shelf where name like %s order by 2", ["%o%"])])
step("cursor", lambda: (lambda c: (c.execute("select count(*), %s::text from shop_book", ["x'y"]), c.fetchall())[1])(
    connection.cursor()))
step("iterator", lambda: sum(b.pages for b in Book.objects.iterator(chunk_size=3)))
step("unique", lambda: Book.objects.create(title="Book 02", shelf_id=1))
step("check", lambda: Book.objects.create(title="thick", pages=9001, shelf_id=1))
step("too long", lambda: Book.objects.create(title="x" * 81, shelf_id=1))
step("null", lambda: Book.objects.create(title=None, shelf_id=1))
step("partial unique", lambda: [Book.objects.filter(id=i).update(lent=True, small=1) for i in (1, 2)])
def missing():
    with transaction.atomic():
        Book.objects.create(title="nowhere", shelf_id=999)
step("foreign key at commit", missing)
def nested():
    with transaction.atomic():
        Shelf.objects.create(name="kept")
        try:
            with transaction.atomic():
                Shelf.objects.create(name="top")
        except IntegrityError:
            Shelf.objects.create(name="second")
    return list(Shelf.objects.order_by("name").values_list("name", flat=True))
step("savepoints", nested)
def undone():
    try:
        with transaction.atomic():
            Shelf.objects.create(name="gone")
            raise KeyError
    except KeyError:
        return Shelf.objects.filter(name="gone").exists()
step("rollback", undone)
called = []
def on_commit():
    with transaction.atomic():
        transaction.on_commit(lambda: called.append(1))
    return called
step("on_commit", on_commit)
def locked():
    with transaction.atomic():
        return [Book.objects.select_for_update().get(title="Book 04").pages, Book.objects.select_for_update(
            skip_locked=True, of=("self",)).filter(pages=100).count(), Book.objects.select_for_update(nowait=True)
            .first().title]
step("select_for_update", locked)
step("delete cascades", lambda: Shelf.objects.get(name="low").delete()[0])
step("delete", lambda: Book.objects.filter(pages__lt=300).delete())
step("in_bulk", lambda: sorted(Book.objects.in_bulk()))
step("explain", lambda: len(Book.objects.filter(pages=1).explain()) > 0)
step("dumpdata", lambda: command("dumpdata", "shop.shelf", indent=1))
def reload():
    command("dumpdata", "shop", output=where + "/all.json")
    command("flush", interactive=False)
    return command("loaddata", where + "/all.json"), Book.objects.count(), Shelf.objects.create(name="new").pk
step("flush and loaddata", reload)
step("sqlsequencereset", lambda: command("sqlsequencereset", "shop"))
def people():
    user = User.objects.create_user("ann", "ann@example.org", "pw")
    user.groups.add(Group.objects.create(name="staff"))
    found = User.objects.filter(username__iexact="ANN", groups__name="staff").count()
    return user.check_password("pw"), found, sorted(user.get_all_permissions())
step("auth", people)
def session():
    from django.contrib.sessions.backends.db import SessionStore
    s = SessionStore()
    s["a"] = 1
    s.save()
    return SessionStore(s.session_key)["a"]
step("sessions", session)
command("migrate")
step("view", lambda: (lambda c: (c.execute("select count(*) from shop_long"), c.fetchall())[1])(connection.cursor()))
step("migrate to nothing", lambda: command("migrate", "shop", "zero").count("OK"))
step("what is left", schema)
