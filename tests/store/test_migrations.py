"""The migrations: one line of them, and at its end the schema that tables.py says."""

from dataclasses import replace

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.petitions import MILL, NOW, signature
from tests.store.filling import until_idle
from widget.domain.criteria import Criteria
from widget.indexing import Indexing
from widget.store.ledger import Ledger
from widget.store.migrating import MIGRATIONS, upgrade
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


def test_whoever_signed_before_there_was_a_search_is_found(ledger: Ledger) -> None:
    petition = ledger.add_petition(MILL, NOW)
    names = [("ՍԱՄ", "Երևանցի"), ("IŞIK", "İnci"), ("Sam", ""), ("a" * 100, "Straße")]
    for number, (given, family) in enumerate(names):
        page_url = "https://Petra.example.org/mill" if number % 2 else ""
        new = signature(petition.id, f"sam.{number}@mail.example", given_name=given, family_name=family)
        ledger.record(replace(new, page_url=page_url), None)
    gone = ledger.record(signature(petition.id, "gone@mail.example"), None).id
    assert gone
    ledger.erase(gone, NOW)
    asked = "SELECT id, found_by FROM signatures ORDER BY id"
    with ledger._database.writing() as connection:
        before = connection.exec_driver_sql(asked).all()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        before_it = ScriptDirectory.from_config(config).get_revision("0032").down_revision
        command.downgrade(config, str(before_it))
        upgrade(connection)
        assert {row.found_by for row in connection.exec_driver_sql(asked)} == {""}
    until_idle(Indexing(ledger=ledger))
    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql(asked).all() == before
    assert len(ledger.newest(petition.id, Criteria(name="*", domain="mail.example"), limit=9)) == 4
