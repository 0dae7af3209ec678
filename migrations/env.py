"""Runs the migrations of the core tables on the engine that ``codesign.kernel.schema`` hands over."""

from alembic import context

from codesign.kernel.db import Base

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, version_table="alembic_version", render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
