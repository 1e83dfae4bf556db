"""The one database: engine, write transactions, schema, migrations, secrets, backup."""
