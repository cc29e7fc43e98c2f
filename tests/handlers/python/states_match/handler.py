"""Structural pattern matching, typing and protocols."""

import abc
from typing import Protocol, TypedDict, runtime_checkable


class Event(TypedDict):
    kind: str


@runtime_checkable
class Priced(Protocol):
    def price(self) -> int: ...


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Square(Shape):
    __match_args__ = ("side",)

    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2

    def price(self):
        return 1


def describe(event):
    match event:
        case {"kind": "square", "side": int(side)} if side > 0:
            return Square(side)
        case {"kind": "list", "items": [first, *rest]}:
            return f"{first} and {len(rest)} more"
        case {"kind": "a" | "b" as kind, **others}:
            return f"{kind} with {sorted(others)}"
        case _:
            return "something else"


def lambda_handler(event: list[Event], context) -> list:
    answers = []
    for each in event:
        match describe(each):
            case Square(side) as square:
                answers.append([side, square.area(), isinstance(square, Priced)])
            case text:
                answers.append(text)
    try:
        Shape()
    except TypeError as error:
        answers.append(str(error).split(" with")[0])
    return answers
