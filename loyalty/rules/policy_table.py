"""What each network says about rewarding what is done on it: the line, where it stands, the day of the text.

Read from the networks' own terms. A line that no longer says so is corrected here, with its date; one that is older
than six months, or of which we do not know the day, the editor says wants reading again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loyalty.i18n import Words
from loyalty.rules.evaluate import REDEEMABLE, STATUS_ONLY

FORBIDDEN, GREY, ALLOWED = "forbidden", "grey", "allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a network's terms.

    Attributes:
        kinds: of activity it is about.
        others: whether it is about every other kind too, where a rule names the network.
        source: the text it stands in.
        dated: the day of that text, as we read it; None: not known.
        refuses: the classes of points it forbids.
        instead: what the station may do rather than that.
    """

    networks: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    others: bool = False
    verdict: str
    quote: str
    source: str
    dated: date | None
    refuses: tuple[str, ...] = (REDEEMABLE,)
    instead: Words | None = None


_ON_AIR = Words(
    fr="Donnez un code à l’antenne : les fans le saisissent sur votre site, et il rapporte des points.",
    en="Put a code on air: fans type it on your own site, and it earns points.",
)
_ANSWER = Words(
    fr="Posez une question par message : répondre à la station peut être récompensé.",
    en="Ask a question by message: answering the station may be rewarded.",
)
_META = ("facebook", "instagram")
_SOCIAL = ("like", "follow", "share", "comment", "mention", "post")
_TALK = ("comment", "live_chat", "post", "answer", "vote", "quiz_answer")

LINES: tuple[Line, ...] = (
    Line(
        networks=_META,
        kinds=("like", "follow", "share", "post", "mention"),
        verdict=FORBIDDEN,
        quote="anything of monetary value in exchange for engagement",
        source="Meta, Spam standard",
        dated=date(2026, 8, 3),
        instead=_ON_AIR,
    ),
    Line(
        networks=_META,
        kinds=("comment", "live_chat"),
        verdict=FORBIDDEN,
        quote="exchange of Likes, Shares, Followers, Comments",
        source="Meta, Platform policy",
        dated=date(2026, 5, 13),
        instead=_ANSWER,
    ),
    Line(
        networks=(*_META, "messenger", "whatsapp"),
        kinds=("answer", "quiz_answer", "vote", "prediction", "check_in", "onair_code", "join"),
        verdict=ALLOWED,
        quote="Only incentivize...",
        source="Meta, Platform policy, in depth",
        dated=None,
    ),
    Line(
        networks=("youtube",),
        kinds=("like", "follow", "share", "comment", "live_chat"),
        others=True,
        verdict=FORBIDDEN,
        quote="incentives, rewards, or other compensation",
        source="YouTube, Developer Policies; III.E.4 also forbids new or derived metrics, such as a fan score",
        dated=date(2026, 6, 25),
        refuses=(REDEEMABLE, STATUS_ONLY),
        instead=_ON_AIR,
    ),
    Line(
        networks=("x",),
        kinds=_SOCIAL,
        others=True,
        verdict=FORBIDDEN,
        quote="Pay to engage",
        source="X, Developer Policy: no money or virtual value for actions tracked by API",
        dated=date(2026, 7, 15),
        instead=_ON_AIR,
    ),
    Line(
        networks=("linkedin",),
        kinds=_SOCIAL,
        others=True,
        verdict=FORBIDDEN,
        quote="may not use LinkedIn to hold lotteries, contests, sweepstakes, or giveaways",
        source="LinkedIn, terms",
        dated=date(2026, 5, 27),
        instead=_ON_AIR,
    ),
    Line(
        networks=("twitch",),
        kinds=("live_chat", "redeem_external", "prediction", "vote"),
        verdict=ALLOWED,
        quote="promotions; its disclaimer sentence must be shown",
        source="Twitch, Terms of Service, promotions",
        dated=date(2026, 8, 13),
    ),
    Line(
        networks=("twitch",),
        kinds=("follow",),
        verdict=GREY,
        quote="no inflating follow or viewer stats",
        source="Twitch, Terms of Service",
        dated=None,
    ),
    Line(
        networks=("twitch",),
        kinds=("tip",),
        verdict=FORBIDDEN,
        quote="Bits not exchangeable for value",
        source="Twitch, Bits terms",
        dated=None,
        instead=_ON_AIR,
    ),
    Line(
        networks=("twitch",),
        kinds=("subscription", "gift"),
        verdict=GREY,
        quote="gain, hasard et sacrifice financier : une voie gratuite est nécessaire",
        source="Code de la sécurité intérieure, L320-1",
        dated=None,
    ),
    Line(
        networks=("discord",),
        kinds=(*_TALK, "like"),
        verdict=ALLOWED,
        quote="no ban found on rewarding commands, messages or polls",
        source="Discord, terms and developer policy",
        dated=None,
    ),
    Line(
        networks=("discord",),
        kinds=("referral",),
        verdict=FORBIDDEN,
        quote="invite rewards are manipulation",
        source="Discord, Platform Manipulation Policy (quoted by a third party)",
        dated=None,
        instead=_ON_AIR,
    ),
    Line(
        networks=("telegram",),
        kinds=_TALK,
        verdict=ALLOWED,
        quote="no ban found on rewarding polls, commands or messages",
        source="Telegram, terms",
        dated=None,
    ),
    Line(
        networks=("mastodon",),
        kinds=_SOCIAL,
        verdict=GREY,
        quote="allowed on your own instance; elsewhere by the rules of each instance",
        source="Mastodon, rules of the instances",
        dated=None,
    ),
    Line(
        networks=("bluesky",),
        kinds=("like", "share", "follow"),
        verdict=GREY,
        quote="no artificial manipulation of engagement metrics",
        source="Bluesky, Community Guidelines",
        dated=date(2025, 10, 3),
    ),
    Line(
        networks=("bluesky",),
        kinds=("comment", "post", "mention"),
        verdict=ALLOWED,
        quote="with disclosure that it is rewarded",
        source="Bluesky, Community Guidelines",
        dated=date(2025, 10, 3),
    ),
    Line(
        networks=("tiktok",),
        kinds=("like", "follow", "share"),
        verdict=FORBIDDEN,
        quote="boosting services; content inflating likes or follows loses feed eligibility (rewards are not named)",
        source="TikTok, fake engagement",
        dated=date(2026, 8, 20),
        instead=_ON_AIR,
    ),
    Line(
        networks=("tiktok",),
        kinds=("post", "mention", "comment"),
        verdict=GREY,
        quote="disclose any incentive",
        source="TikTok, branded content",
        dated=None,
    ),
    Line(
        networks=("reddit",),
        kinds=("like",),
        verdict=FORBIDDEN,
        quote="vote manipulation",
        source="Reddit, Content Policy",
        dated=None,
        instead=_ON_AIR,
    ),
    Line(
        networks=("reddit",),
        kinds=("post", "comment"),
        verdict=GREY,
        quote="no use to “spam, incentivize”; business use needs an agreement",
        source="Reddit, Developer Terms",
        dated=date(2026, 8, 6),
    ),
)
