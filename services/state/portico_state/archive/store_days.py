"""Days by the store's clock, which stands in the stream ids: it never goes back, whatever the writers' clocks do."""

from datetime import UTC, date, datetime

from portico_state.client import Store


async def store_day(store: Store) -> date:
    """Return the UTC day it is in the store; raise StateUnavailable."""
    seconds, _ = await store.call(store.redis.time())
    return datetime.fromtimestamp(int(seconds), UTC).date()


def day_of(stream_id: str) -> date:
    """Return the UTC day of a stream id."""
    return moment_of(stream_id).date()


def moment_of(stream_id: str) -> datetime:
    """Return the moment of a stream id, UTC."""
    return datetime.fromtimestamp(int(stream_id.partition("-")[0]) / 1000, UTC)


def last_id_before(day: date) -> str:
    """Return the last id that a record can have before a day begins."""
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    return f"{begin - 1}-18446744073709551615"
