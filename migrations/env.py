"""Run migrations on the connection that widget/store/migrating.py hands over."""

from alembic import context

from widget.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=True,  # where whoever hands it over has none open
)
with context.begin_transaction():
    context.run_migrations()
