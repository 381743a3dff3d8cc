"""load.py DIRECTORY CLIENTS FILE STOPFILE: that many clients insert rows until STOPFILE appears; what was acknowledged
is written to FILE, "client|n" a line. A connection that breaks is opened again at once; one that is refused is a
failure."""
import os
import sys
import threading
import time

from wire import Failed, Session

directory, clients, path, stop = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
out, lock, trouble, broken = open(path, "w", buffering=1), threading.Lock(), [], [0]
ended = [0]


def connect():
    try:
        return Session(directory, "write")
    except (ConnectionRefusedError, FileNotFoundError, BlockingIOError) as e:
        trouble.append(f"refused: {e}")
        raise


def client(number):
    session, n = None, 0
    while not os.path.exists(stop) and not trouble:
        n += 1
        try:
            session = session or connect()
            session.query(f"insert into k values ({number}, {n})")
            with lock:
                out.write(f"{number}|{n}\n")
            time.sleep(0.02)
        except Failed as e:
            if not e.code.startswith("57P0"):
                trouble.append(str(e))
            ended[0] += 1
            session = None
            time.sleep(0.02)
        except (ConnectionResetError, BrokenPipeError):
            broken[0] += 1
            session = None
        except OSError as e:
            trouble.append(f"{type(e).__name__}: {e}")


threads = [threading.Thread(target=client, args=(i,)) for i in range(clients)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(f"{broken[0]} sessions cut, {ended[0]} ended" if not trouble else trouble[0])
sys.exit(1 if trouble else 0)
