# frameworks.rails.rb SOCKET DATABASE: what a typical application of Rails does with ActiveRecord, step by step, a line
# for each with what it answered; tests/sql/frameworks runs it on a SQLite node and a plain PostgreSQL, and compares.
require "active_record"
require "stringio"
require "json"
ActiveRecord::Base.establish_connection(adapter: "postgresql", host: ARGV[0], database: ARGV[1], username: "admin",
  min_messages: "warning")
ActiveRecord::Migration.verbose = false
Time.zone = "UTC"
ActiveRecord::Base.time_zone_aware_attributes = true
ActiveRecord::Base.default_timezone = :utc
ActiveSupport::Deprecation.silenced = true
$number = 0
def step(name)
  begin
    answer = yield
  rescue StandardError => e
    answer = "#{e.class} #{e.cause.respond_to?(:result) && e.cause.result ? e.cause.result.error_field(67) : ""}"
  end
  puts "#{$number += 1} #{name}: #{answer.inspect}"
end
def base = ActiveRecord::Base.connection

class First < ActiveRecord::Migration[6.1]
  def change
    execute "create type feeling as enum ('calm', 'glad')" unless reverting?
    create_table :shelves do |t|
      t.string :name, null: false, limit: 30
      t.integer :books_count, default: 0, null: false
      t.integer :lock_version, default: 0
      t.timestamps
    end
    add_index :shelves, :name, unique: true
    create_table :books do |t|
      t.references :shelf, null: false, foreign_key: { on_delete: :cascade }, index: true
      t.string :title, null: false
      t.text :body
      t.integer :pages, default: 0
      t.bigint :sold
      t.integer :kind, limit: 2, default: 0
      t.decimal :price, precision: 8, scale: 2
      t.float :weight
      t.boolean :lent, default: false, null: false
      t.date :day
      t.datetime :at, precision: 6
      t.time :clock
      t.interval :lasts
      t.uuid :code, default: -> { "gen_random_uuid()" }
      t.binary :raw
      t.json :plain
      t.jsonb :extra, default: {}, null: false
      t.string :words, array: true, default: []
      t.integer :numbers, array: true
      t.inet :host
      t.macaddr :card
      t.string :mood, default: "calm"
      t.timestamps
      t.index [:title, :shelf_id], unique: true
      t.index "lower(title)", name: "by_lower"
      t.index :pages, where: "lent", name: "lent_pages"
      t.index [:day, :kind], order: { day: :desc }
    end
    create_table :tags, id: :uuid do |t|
      t.string :word
    end
    add_check_constraint :books, "pages <= 9000", name: "not_too_thick"
    create_table :notes do |t|
      t.references :about, polymorphic: true
      t.string :type
      t.text :words
    end
    execute "alter table notes add feeling feeling default 'calm'" unless reverting?
    reversible { |d| d.down { execute "drop type feeling cascade" } }
  end
end
class Second < ActiveRecord::Migration[6.1]
  def change
    add_column :shelves, :floor, :integer, default: 1
    add_column :shelves, :owner, :string, comment: "who dusts it"
    rename_column :shelves, :owner, :keeper
    change_column_null :shelves, :keeper, false, "nobody"
    change_column_default :shelves, :floor, from: 1, to: 2
    rename_index :books, "by_lower", "by_lower_title"
    rename_table :notes, :remarks
    reversible do |d|
      d.up { change_column :shelves, :name,
        :text; execute "create view thick as select * from books where pages > 100" }
      d.down { execute "drop view thick"; change_column :shelves, :name, :string, limit: 30 }
    end
  end
end
def run(direction, *list)
  list.each { |m| m.migrate(direction) }
  ActiveRecord::Base.descendants.each { |k| k.reset_column_information unless k.abstract_class? }
end
def schema
  base.schema_cache.clear!
  base.tables.sort.map do |t|
    [t, base.columns(t).map { |c| [c.name, c.sql_type, c.null, c.default, c.default_function, c.comment] },
      base.indexes(t).map { |i| [i.name, i.columns, i.unique, i.where, i.orders.to_a] }.sort_by(&:first),
      base.foreign_keys(t).map { |k| [k.column, k.to_table, k.on_delete] }, base.primary_key(t),
      base.check_constraints(t).map { |c| [c.name, c.expression] }]
  end
end
def dump
  out = StringIO.new
  ActiveRecord::SchemaDumper.dump(base, out)
  out.string.lines.reject { |l| l.start_with?("#") }.join
end

class Shelf < ActiveRecord::Base
  has_many :books, dependent: :destroy
  has_many :remarks, as: :about
  validates :name, uniqueness: { case_sensitive: false }, presence: true
end
class Book < ActiveRecord::Base
  belongs_to :shelf, counter_cache: true
  enum kind: { novel: 0, trade: 1 }
  validates :title, length: { maximum: 40 }
  validates :title, uniqueness: { scope: :shelf_id }, on: :checked
  scope :thick, -> { where("pages > ?", 500) }
  store_accessor :extra, :colour
end
class Tag < ActiveRecord::Base; end
class Remark < ActiveRecord::Base
  belongs_to :about, polymorphic: true, optional: true
end
class Praise < Remark; end

step("connect") { [base.adapter_name, base.active?, base.database_version / 10000] }
step("migrate") { run(:up, First); base.tables.sort }
step("schema") { schema }
step("migrate again") { run(:up, Second); schema }
step("dump") { dump }
step("down") { run(:down, Second); schema }
step("up") { run(:up, Second); base.views }
at = Time.utc(2024, 2, 29, 12, 30, 1.000005r)
step("create") { %w[top low].map { |n| Shelf.create!(name: n, keeper: "ann").id } }
step("insert_all") do
  Book.insert_all!((0...12).map { |i| { title: format("Book %02d", i), shelf_id: 1 + i % 2, pages: i * 100,
    sold: i * 10**10,
    kind: i % 2, price: "#{i}.50", weight: i / 4.0, day: Date.new(2024, 2, 20) + i, at: at + i * 3600,
      clock: "1#{i % 10}:30",
    lasts: "P#{i}DT5S", code: format("00000000-0000-0000-0000-%012d", i), raw: "\x00#{i.chr}\xff".b, plain: [i],
    extra: { n: i, deep: { a: [i, "é"] }, on: i.even? }, words: ["w", "x#{i}"], numbers: [i, nil],
      host: "10.0.0.#{i}",
    card: "08:00:2b:01:02:0#{i % 10}", created_at: at, updated_at: at } }).length
end
step("every field") { Book.order(:id).limit(3).map { |b| b.attributes.except("raw") }.map(&:to_s) }
step("binary") { Book.find_by(title: "Book 03").raw }
step("find") do
  [Book.find(3).title, Book.find_by(pages: 700).title, Book.where(id: [1, 2]).pluck(:title), Book.exists?(99)]
end
step("not found") { Book.find(99) }
step("save") do
  b = Book.find(2)
  b.update!(pages: 150, mood: "glad", colour: "red")
  b.reload.attributes.slice("pages", "mood", "extra").to_s
end
step("bad enum") { Remark.create!(feeling: "angry") }
step("enum") { Remark.create!(feeling: "glad").reload.feeling }
step("valid") { s = Shelf.new(name: "TOP"); [s.valid?, s.errors.full_messages] }
step("valid in scope") { Book.new(title: "Book 01", shelf_id: 2).valid?(:checked) }
step("too long") { Book.create!(title: "x" * 41, shelf_id: 1) }
step("unique") { Book.create!(title: "Book 00", shelf_id: 1) }
step("not null") { Book.new(title: "y", shelf_id: 1, lent: nil).save!(validate: false) }
step("foreign key") { Book.new(title: "y", shelf_id: 77).save!(validate: false) }
step("check") { Book.create!(title: "y", shelf_id: 1, pages: 9001) }
step("where") do
  [Book.where(pages: 200..500), Book.where("title ilike ?", "%K 0%"), Book.where.not(kind: :novel), Book.thick,
    Book.where(day: Date.new(2024, 2, 25)..), Book.where("extra->>'n' = '3'"), Book.where("extra @> ?", {
      on: true }.to_json),
    Book.where("extra ? :k", k: "n"), Book.where("? = any(words)", "x3"), Book.where(
      "words && array[?]::varchar[]", %w[x1 x2]),
    Book.where(host: "10.0.0.4"), Book.where("at::date = ?", "2024-02-29"), Book.where("numbers[1] > 5"),
    Book.where(mood: "glad").or(Book.where(pages: 0)), Book.where("lasts > interval '3 days'")].map {
      |r| r.count rescue $!.class }
end
step("order") { Book.order(Arel.sql("pages % 300"), pages: :desc).limit(4).offset(1).pluck(:pages) }
step("calculate") do
  [Book.sum(:pages), Book.average(:price).to_s, Book.maximum(:at), Book.minimum(:weight), Book.distinct.count(:kind)]
end
step("group") do
  [Book.group(:kind).count.sort, Book.group("shelf_id").having("sum(pages) > 100").sum(:pages).sort, Book.group(
    "date_trunc('day', at)").count.length]
end
step("joins") { Shelf.joins(:books).where(books: { pages: 300.. }).distinct.order(:name).pluck(:name) }
step("left join") do
  Shelf.left_joins(:books).group("shelves.id").order("shelves.id").pluck(Arel.sql("shelves.name, count(books.id)"))
end
step("includes") { Shelf.includes(:books).order(:id).map { |s| [s.name, s.books.map(&:pages).sort] } }
step("eager_load") do
  Shelf.eager_load(:books).where("books.pages > 900").order("shelves.id, books.id").map { |s| s.books.map(&:title) }
end
step("subquery") { Book.where(shelf_id: Shelf.where(name: "top").select(:id)).count }
step("from") do
  Book.from(Book.select("pages, row_number() over (order by pages desc) r"), :books).where("r <= 2").pluck(:pages)
end
step("exec_query") do
  r = base.exec_query("select $1::int + 1 n, now() is not null t, array[1,2] a, '1.50'::numeric d", "q", [
    ActiveRecord::Relation::QueryAttribute.new("x", 4, ActiveRecord::Type::Integer.new)])
  [r.columns, r.rows, r.to_a.to_s]
end
step("find_each") { n = 0; Book.find_each(batch_size: 5) { |b| n += b.pages }; n }
step("in_batches") { Book.in_batches(of: 4).map { |r| r.update_all("sold = sold + 1") } }
step("update_all") do
  [Book.where(kind: :trade).update_all(["pages = pages + ?", 1]), Book.joins(:shelf).where(shelves: {
    name: "top" }).update_all(lent: true)]
end
step("upsert_all") do
  Tag.create!(id: "00000000-0000-0000-0000-000000000001", word: "a")
  Tag.upsert_all([{ id: "00000000-0000-0000-0000-000000000001", word: "b" }, {
    id: "00000000-0000-0000-0000-000000000002", word: "c" }])
  Tag.order(:id).pluck(:word)
end
step("insert ignoring") do
  Shelf.insert_all([{ name: "top", keeper: "x", created_at: at, updated_at: at }], unique_by: :name).rows
end
step("counters") do
  Shelf.reset_counters(1, :books)
  Shelf.find(1).books.create!(title: "one more")
  Shelf.find(1).books_count
end
step("increment") { b = Book.first; b.increment!(:pages, 7); Book.find(b.id).pages }
step("touch") { b = Book.first; b.touch(time: at); b.reload.updated_at }
step("sti") do
  Praise.create!(words: "good", about: Shelf.first)
  [Remark.first.class.name, Shelf.first.remarks.count]
end
step("optimistic lock") { a = Shelf.find(1); b = Shelf.find(1); a.update!(floor: 3); b.update!(floor: 4) }
step("pessimistic lock") do
  Book.transaction { Book.lock.find(1).with_lock { Book.lock("for update skip locked").where(id: 2).to_a.length } }
end
step("transaction") do
  Shelf.transaction { Shelf.create!(name: "gone", keeper: "x")
  raise ActiveRecord::Rollback }
  Shelf.exists?(name: "gone")
end
step("savepoint") do
  Shelf.transaction do
    Shelf.create!(name: "kept", keeper: "x")
    begin
      Shelf.transaction(requires_new: true) { Book.new(title: "y", shelf_id: 77).save!(validate: false) }
    rescue ActiveRecord::InvalidForeignKey
      Shelf.create!(name: "after", keeper: "x")
    end
  end
  Shelf.order(:name).pluck(:name)
end
step("isolation") { Shelf.transaction(isolation: :serializable) { Shelf.count } }
step("advisory lock") { [base.get_advisory_lock(12345), base.release_advisory_lock(12345)] }
step("explain") { Book.where(pages: 1).explain.include?("EXPLAIN") }
step("prepared") { (1..8).map { |i| Book.where(pages: i * 100).pluck(:id).length } }
step("view") { Class.new(ActiveRecord::Base) { self.table_name = "thick" }.count }
step("destroy") { Shelf.find(2).destroy.destroyed? && Book.where(shelf_id: 2).count }
step("delete_all") { [Book.where("pages < 300").delete_all, Book.count] }
step("truncate") { base.truncate_tables("remarks"); Remark.count }
step("sequences") { base.reset_pk_sequence!("shelves"); Shelf.create!(name: "next", keeper: "x").id }
step("rename column") do
  base.rename_column(:books, :body, :inner_text)
  base.add_index(:books, :inner_text, algorithm: :concurrently)
  base.index_exists?(:books, :inner_text)
end
step("change column") do
  base.execute("drop view thick")
  base.change_column(:books, :pages, :bigint)
  base.change_column(:books, :weight, "numeric(8,3) using weight::numeric")
  base.columns(:books).map(&:sql_type)
end
step("the dump at last") { dump }
step("down at last") do
  base.rename_column(:books, :inner_text, :body)
  base.execute("create view thick as select 1")
  run(:down, Second, First)
  base.tables.sort
end
