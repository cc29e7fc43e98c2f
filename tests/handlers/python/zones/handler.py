import calendar
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


def lambda_handler(event, context):
    berlin = ZoneInfo("Europe/Berlin")
    moment = datetime.fromisoformat(event["at"])
    before = datetime(2026, 3, 28, 12, tzinfo=berlin)
    try:
        ZoneInfo("Europe/Atlantis")
    except ZoneInfoNotFoundError as error:
        missing = str(error)
    return {
        "berlin": moment.astimezone(berlin).isoformat(),
        "tokyo": moment.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%d %H:%M %Z"),
        "fixed": moment.astimezone(timezone(timedelta(hours=-3, minutes=-30))).isoformat(),
        "dayAfter": (before + timedelta(days=1)).isoformat(),
        "missing": missing,
        "many": len(available_timezones()) > 500,
        "now": datetime.now(UTC).isoformat(timespec="seconds"),
        "local": datetime.now().astimezone().tzname(),
        "weekday": calendar.day_name[moment.weekday()],
    }
