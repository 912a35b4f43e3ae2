"""The migrations: one line of them, and at its end the schema that tables.py says."""

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from widget.store.ledger import Ledger
from widget.store.migrating import MIGRATIONS
from widget.store.tables import metadata


def test_there_is_one_head_and_every_number_is_taken_once() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == 1
    numbers = [revision.revision for revision in script.walk_revisions()]
    assert len(numbers) == len(set(numbers))
    assert len(numbers) == len(list((MIGRATIONS / "versions").glob("*.py")))


def test_the_migrated_schema_is_the_one_in_tables(ledger: Ledger) -> None:
    with ledger._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
