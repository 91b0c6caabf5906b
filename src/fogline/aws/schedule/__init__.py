"""Schedule expressions of EventBridge and EventBridge Scheduler: `rate(...)`, `cron(...)` and `at(...)`."""

from fogline.aws.schedule.cron import Cron
from fogline.aws.schedule.expression import Once, Rate, Schedule, parse_schedule
from fogline.aws.schedule.fields import InvalidSchedule
from fogline.aws.schedule.zones import UnknownZone

__all__ = ["Cron", "InvalidSchedule", "Once", "Rate", "Schedule", "UnknownZone", "parse_schedule"]
