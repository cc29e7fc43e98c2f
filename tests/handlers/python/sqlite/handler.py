import sqlite3
from contextlib import closing


def lambda_handler(event, context):
    with closing(sqlite3.connect("/tmp/shop.db")) as db, db:
        db.row_factory = sqlite3.Row
        db.execute("CREATE TABLE items (sku TEXT PRIMARY KEY, price REAL)")
        db.executemany("INSERT INTO items VALUES (:sku, :price)", event["items"])
        try:
            db.execute("INSERT INTO items VALUES ('apple', 0)")
        except sqlite3.IntegrityError as error:
            refused = str(error)
        rows = db.execute("SELECT sku, price * 2 AS twice FROM items WHERE price > ? ORDER BY sku", (1,))
        return {"rows": [dict(row) for row in rows], "refused": refused}
