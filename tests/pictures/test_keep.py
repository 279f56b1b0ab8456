"""Pictures in the database: one row each, found by number and content."""

import pytest
from sqlmodel import Session, select

from loyalty.errors import NotFound
from loyalty.pictures import find
from loyalty.pictures.keep import keep
from loyalty.pictures.make import REWARD, make
from loyalty.pictures.tables import Picture
from tests.makers.pictures import photo


def kept(db, **options):
    made = make(photo(**options), REWARD)
    return made, db.write(lambda session: keep(session, made))


def test_the_same_picture_twice_is_one_row(db):
    _, first = kept(db)
    _, again = kept(db)
    _, other = kept(db, width=80)
    assert first == again != other
    assert len(db.read(lambda session: session.exec(select(Picture.id)).all())) == 2


def test_a_picture_is_found_under_its_content_alone(db):
    made, number = kept(db)

    def steps(session: Session) -> None:
        (shown,) = find.shown(session, [number, None, 5]).values()
        assert (shown.width, shown.height) == (made.width, made.height)
        assert find.body(session, number, shown.digest) == (made.body, "image/webp")
        assert find.body(session, number, shown.digest, small=True) == (made.small, "image/webp")
        with pytest.raises(NotFound):
            find.body(session, number, "0" * 16)
        with pytest.raises(NotFound):
            find.body(session, 5, shown.digest)

    db.read(steps)
