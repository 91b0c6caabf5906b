"""Datums: what PutMetricData is given, checked and added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.ports.metrics import Source
from fogline.services.cloudwatch.errors import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    MissingRequiredParameterException,
)
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.statistic_sets import StatisticSet, unpacked
from fogline.services.cloudwatch.tables import Arrived
from fogline.world.clock import SECOND

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import PutMetricDataInputTypeDef

Datum = Mapping[str, Any]

_FORMS = ("Value", "Values", "StatisticValues")
_RESERVED = "AWS/"


def read_datums(call: Call, request: PutMetricDataInputTypeDef, limits: Limits) -> list[Arrived]:
    """The numbers of a request, added up by series and period. Raises what AWS refuses."""
    namespace = request["Namespace"]
    if namespace.startswith((_RESERVED, ":")) or not _is_plain(namespace):
        raise InvalidParameterValueException(value=namespace, parameter="Namespace")
    added: dict[Any, Arrived] = {}
    for path, datum in _listed(request, limits):
        name = datum["MetricName"]
        if not name.strip() or not name.isprintable():
            raise InvalidParameterValueException(value=name, parameter=f"{path}.MetricName")
        dimensions = _read_dimensions(path, datum.get("Dimensions") or ())
        source = Source(call.account, call.region, namespace, dimensions)
        period = _read_resolution(path, datum)
        at = _read_time(path, datum, call.now, limits)
        at -= at % (period * SECOND)
        unit = datum.get("Unit") or "None"
        numbers = _read_numbers(path, datum, limits)
        key = (dimensions, name, unit, period, at)
        known = added.get(key)
        if known is not None:
            known.numbers.merge(numbers)
        elif numbers.count:
            added[key] = Arrived(source, name, unit, period, at, numbers)
    return list(added.values())


def _listed(request: Any, limits: Limits) -> Iterator[tuple[str, Datum]]:
    """Every datum with the path that AWS names it by."""
    plain: Sequence[Datum] = request.get("MetricData") or ()
    entities = request.get("EntityMetricData") or ()
    if not plain and not entities:
        raise MissingRequiredParameterException(parameter="MetricData")
    if len(entities) > limits.put_entities_max:
        raise _too_many("EntityMetricData", limits.put_entities_max)
    listed = [(f"MetricData.member.{place}", datum) for place, datum in enumerate(plain, 1)]
    for number, entity in enumerate(entities, 1):
        if request.get("StrictEntityValidation"):
            _check_entity(f"EntityMetricData.member.{number}.Entity", entity.get("Entity") or {})
        listed += [
            (f"EntityMetricData.member.{number}.MetricData.member.{place}", datum)
            for place, datum in enumerate(entity.get("MetricData") or (), 1)
        ]
    if len(listed) > limits.put_data_max:
        raise _too_many("MetricData", limits.put_data_max)
    yield from listed


def _check_entity(path: str, entity: Mapping[str, Any]) -> None:
    if "Type" not in (entity.get("KeyAttributes") or {}):
        raise MissingRequiredParameterException(parameter=f"{path}.KeyAttributes.Type")


def _read_dimensions(path: str, given: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    dimensions: dict[str, str] = {}
    for place, each in enumerate(given, 1):
        at, name, value = f"{path}.Dimensions.member.{place}", each["Name"], each["Value"]
        if name.startswith(":") or name in dimensions or not _is_plain(name):
            raise InvalidParameterValueException(value=name, parameter=f"{at}.Name")
        if not _is_plain(value):
            raise InvalidParameterValueException(value=value, parameter=f"{at}.Value")
        dimensions[name] = value
    return tuple(dimensions.items())


def _is_plain(text: str) -> bool:
    """True for ASCII without control characters, with something to see in it."""
    return text.isascii() and text.isprintable() and bool(text.strip())


def _read_resolution(path: str, datum: Datum) -> int:
    resolution: int = datum.get("StorageResolution") or 60
    if resolution not in (1, 60):
        raise InvalidParameterValueException(
            f"The parameter {path}.StorageResolution must be a value in the set [ 1, 60 ]."
        )
    return resolution


def _read_time(path: str, datum: Datum, now: int, limits: Limits) -> int:
    at: int = datum.get("Timestamp", now)
    if at < now - limits.data_age_max:
        raise InvalidParameterValueException(
            f"The parameter {path}.Timestamp must specify a time within the past two weeks."
        )
    if at > now + limits.data_lead_max:
        raise InvalidParameterValueException(
            f"The parameter {path}.Timestamp must specify a time no more than two hours in the future."
        )
    return at


def _read_numbers(path: str, datum: Datum, limits: Limits) -> StatisticSet:
    forms = [form for form in _FORMS if datum.get(form) is not None]
    if not forms:
        raise InvalidParameterCombinationException(
            f"At least one of the parameters {path}.Value, {path}.Values and {path}.StatisticValues"
            " must be specified."
        )
    if len(forms) > 1:
        raise InvalidParameterCombinationException(
            one=f"{path}.{forms[0]}", other=f"{path}.{forms[1]}"
        )
    if "Values" not in forms and datum.get("Counts") is not None:
        raise InvalidParameterCombinationException(
            f"The parameter {path}.Counts must be specified together with {path}.Values."
        )
    if forms == ["StatisticValues"]:
        return _read_set(f"{path}.StatisticValues", datum["StatisticValues"], limits)
    numbers = StatisticSet()
    if forms == ["Value"]:
        numbers.add(_bounded(f"{path}.Value", datum["Value"], limits))
        return numbers
    for value, times in _pairs(path, datum, limits):
        if times:
            numbers.add(value, times)
    return numbers


def _pairs(path: str, datum: Datum, limits: Limits) -> Iterator[tuple[float, float]]:
    values = datum["Values"]
    counts = datum.get("Counts")
    if not values:
        raise MissingRequiredParameterException(parameter=f"{path}.Values")
    if len(values) > limits.put_values_max:
        raise _too_many(f"{path}.Values", limits.put_values_max)
    if counts is None:
        counts = [1.0] * len(values)
    elif len(counts) != len(values):
        raise InvalidParameterValueException(
            f"The parameters {path}.Values and {path}.Counts must have the same number of elements."
        )
    for place, (value, count) in enumerate(zip(values, counts, strict=True), 1):
        at = f"{path}.Counts.member.{place}"
        times = _bounded(at, count, limits)
        if times < 0:
            raise InvalidParameterValueException(value=count, parameter=at)
        yield _bounded(f"{path}.Values.member.{place}", value, limits), times


def _read_set(path: str, given: Mapping[str, float], limits: Limits) -> StatisticSet:
    names = ("SampleCount", "Sum", "Minimum", "Maximum")
    count, sum_, minimum, maximum = (
        _bounded(f"{path}.{name}", given[name], limits) for name in names
    )
    if count <= 0:
        raise InvalidParameterValueException(
            f"The parameter {path}.SampleCount must be greater than 0."
        )
    if minimum > maximum:
        raise InvalidParameterValueException(
            f"The parameter {path}.Maximum must be greater than or equal to {path}.Minimum."
        )
    return unpacked(count, sum_, minimum, maximum, None)


def _bounded(path: str, value: float, limits: Limits) -> float:
    if not -limits.number_max <= value <= limits.number_max:  # nor is a NaN
        shown = _UNREAL.get(str(value), str(value)[:50])
        raise InvalidParameterValueException(value=shown, parameter=path)
    return float(value)


_UNREAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _too_many(path: str, size: int) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"The collection {path} must not have a size greater than {size}."
    )
