from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import NamedTuple


class Status(str, enum.Enum):
    NEW = "new"
    PAID = "paid"


class Address(NamedTuple):
    street: str
    city: str


@dataclass(frozen=True, order=True)
class Item:
    sku: str
    quantity: int = 1
    price: float = 0.0

    @property
    def total(self) -> float:
        return round(self.quantity * self.price, 2)


@dataclass
class Order:
    order_id: str
    items: list[Item] = field(default_factory=list)
    status: Status = Status.NEW
    due: date | None = None

    @classmethod
    def from_event(cls, event: dict) -> Order:
        items = [Item(**item) for item in event["items"]]
        return cls(event["orderId"], sorted(items), due=date.fromisoformat(event["placed"]) + timedelta(days=30))

    @property
    def total(self) -> float:
        return sum(item.total for item in self.items)


def lambda_handler(event, context):
    order = Order.from_event(event)
    assert order == Order.from_event(event)
    order.status = Status.PAID
    result = asdict(order)
    result["due"] = order.due.isoformat()
    return {**result, "total": order.total, "address": Address("Main St 1", "Springfield")}
