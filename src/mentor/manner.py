"""How something is said: small talk, a worry, another language, the wish for fewer or easier words.

Told by rules over the learner's words, so that the same words are always heard the same way.
"""

from __future__ import annotations

import re
import unicodedata

from mentor import language
from mentor.records import Manner

KIND_WORD = "That is a hard moment, and many people on this road have had it."
"""What an answer to a worry opens with; it claims nothing about the material."""
ENGLISH_ONLY = (
    "I can only read and answer English, because my material is in English. Ask me in English, in "
    "short simple sentences, and I will answer as well as I can."
)

_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)"
    r"(?: (?:there|mentor|all|everyone))?\W*$",
    re.I,
)
_THANKS = re.compile(
    r"^\W*(?:(?:ok|okay|great|perfect|cool|nice|super|alright|haha|lol|ah|oh)\W+)*"
    r"(?:many thanks|thanks|thank you|thx|cheers|ty|(?:that|this)(?: really)? (?:helps|helped)|"
    r"got it|(?:that|this)(?: was|'s| is)(?: very| really)? (?:helpful|useful|clear))"
    r"(?:\W+(?:a lot|so much|very much|mentor|thanks|thank you|thx|for (?:the|your|all the) help|"
    r"i (?:really )?(?:needed|appreciate) (?:that|this|it)|(?:that|this) (?:really )?"
    r"(?:helps|helped|makes sense)|(?:that|this)(?: was|'s| is)(?: very| really)? "
    r"(?:helpful|useful|clear)))*"
    r"\W*$",
    re.I,
)
_HELP = re.compile(
    r"^\W*(?:(?:please |can you |could you )*help(?: me)?(?: out)?(?: please)?|"
    r"i need (?:some |your )?help|what can (?:you|i) (?:do|ask(?: you)?)(?: for me)?|"
    r"how do you work|who are you|what are you)\W*$",
    re.I,
)
_STUCK = re.compile(
    r"^\W*(?:help\W+)?i(?:'m| am)(?: totally| completely| so| really)? stuck(?: here)?\W*$", re.I
)
_FAREWELL = re.compile(r"^\W*(?:bye|goodbye|see you|see ya|good night)(?: \w+)?\W*$", re.I)
_MY_CV = re.compile(
    r"^\W*(?:please |hi,? |hello,? )*(?:(?:can|could|will|would) you (?:please )?)?"
    r"(?:review|read|check|look at|look over|go (?:over|through)|rate|judge|improve)"
    r" (?:my|this) (?:cv|resume|résumé)(?: for me)?(?: please)?\W*$",
    re.I,
)
_REPLIES = (
    (_GREETING, "Hello! Ask me about the levels, stages, skills or pay on the way to ML engineer."),
    (_THANKS, "You're welcome. Ask on whenever you like."),
    (
        _HELP,
        "I answer questions on the way to ML engineer from the roadmap and its lessons, and show "
        "where each sentence stands. Ask what a level earns or needs, what a stage teaches, or how "
        'something works. "What should I do next?" makes a plan; "interview me" begins a mock '
        "interview.",
    ),
    (
        _STUCK,
        "That happens to everybody. What are you stuck on? Name the topic, the lesson or the "
        'error, as in "I do not understand data leakage", and I look it up for you.',
    ),
    (
        _MY_CV,
        "I can find the skills that your CV speaks of, so that your plan leaves them out: choose "
        '"I have a CV" on the page, or run `mentor plan --cv FILE` in a terminal. How good it is I '
        'cannot judge, but I know what a good one has: ask "what makes a strong CV?".',
    ),
    (_FAREWELL, "Goodbye, and good luck with your next step."),
)
_BY_ITSELF = r"^\W*(?:a bit |much |even )?(?:{0})\b(?=\W*(?:please\b|$|[,.;:!-]))"
_AT_THE_END = r"[?,.;:-]\s*(?:but |and )?(?:a bit |much )?(?:{0})(?: please)?\W*$"
_SHORTER = re.compile(
    r"\b(?:be brief|briefly|in short(?! (?:time|term|notice))|tl;?dr|"
    r"in (?:one|two) sentences?|in a sentence(?=\W*$)|(?:just )?the (?:short version|gist)|"
    r"(?:sum|summari[sz]e) (?:it|that|this)(?: up)?)\b|"
    r"^\W*(?:(?:can|could) you |please )*(?:sum up|summari[sz]e)\b|"
    + "|".join(
        form.format("shorter|briefer|too long|(?:one|a|two) sentences?")
        for form in (_BY_ITSELF, _AT_THE_END)
    ),
    re.I,
)
_SHORT_ALONE = re.compile(
    r"\b(?:(?:a bit |much |even )?(?:shorter|briefer)|too long|sum(?:mari[sz]e)?(?: up)?)\b",
    re.I,
)
_SIMPLER = re.compile(
    r"\b(?:more simply|(?:in )?(?:simple|plain|easy) (?:words|terms|english)|"
    r"in (?:simple|plain|easy) language(?! (?:models?|processing)\b)|"
    r"(?:like|as if) i(?:'?m| am| were) (?:new|five|5|a beginner|a child|ten|12)(?: (?:to|at) "
    r"(?:this|it|that))?|eli5|i(?:'m| am) (?:totally |completely |quite )?new to (?:this|it|that)|"
    r"(?:sorry,? )?i (?:do not|don'?t|didn'?t) (?:get|understand) (?:it|that|this|a word)|"
    r"dumb it down)\b|(?<=,)\s*for (?:dummies|beginners|a beginner)\W*$|"
    + "|".join(form.format("simpler|easier|too technical") for form in (_BY_ITSELF, _AT_THE_END)),
    re.I,
)
_SIMPLE_ALONE = re.compile(r"\b(?:simpler|easier|for (?:a beginner|beginners|dummies))\b", re.I)
_FILLER = language.content_stems(
    "please version answer explain put say again bit could would want reply sorry mean time line "
    "main idea point lost confused"
)
_WISHES: tuple[tuple[Manner, re.Pattern[str], re.Pattern[str]], ...] = (
    ("short", _SHORTER, _SHORT_ALONE),
    ("simple", _SIMPLER, _SIMPLE_ALONE),
)
"""A manner, the words that always ask for it, and those that do where nothing else is asked."""
_COMPARES = re.compile(r"^\W*(?:and |but |so )?(?:which|who|is|are)\b", re.I)
_I = r"\b(?:i|i'?ve|i'?m|we|we'?ve)\b"
_ADVERBS = (
    r"(?: (?:have|had|just|was|were|got|get|getting|am|keep|kept|been|being|always|totally|"
    r"completely|really|still|feel|felt|so|also|already|even|all|again|probably|never))*"
)
_HIRING = r"(?:interviews?|applications?|exams?|onsite|offers?|cv|resum[eé])"
_WORRY = re.compile(
    rf"{_I}{_ADVERBS} (?:failed|failing|flunked|bombed|blanked|rejected|fired|stupid|dumb|lost|"
    r"exhausted|too slow|not good enough)\b"
    r"(?! (?:to\b|(?:the|a|an|my|our|all|some|that|this)\b(?! (?:\w+ ){0,3}?"
    rf"(?:{_HIRING}|job|hope|motivation|confidence|courage|interest|mind)\b)))"
    rf"|{_I}{_ADVERBS} froze\b(?=\W*$|[,.;!]| (?:up|in|at|on|during|when|completely|again)\b)"
    rf"|\bmy (?:\w+ ){{0,3}}{_HIRING}\b.{{0,30}}\b(?:failed|rejected|went (?:so )?bad(?:ly)?)\b"
    r"|\b(?:i|i'?ve|i'?m|we|my)\b.{0,60}?\b(?:rejections?(?! sampling)|overwhelm(?:ed|ing)|"
    r"terrible at|never get there|afraid|scared|terrified|dread(?:ing)?|nervous|anxious|"
    r"(?<!\bbe )worried|confidence is gone|"
    r"(?<!should i )(?<!\bto )worry|hopeless|depressed|burn(?:ed|t) out|"
    r"(?<!do i )(?<!should i )(?<!have to )giv(?:e|ing) up|"
    r"(?<!\bnot )(?<!should i )(?<!\bto )quit(?! (?:vim?|the|a|python|tmux)\b)|"
    r"imposter|impostor|panic(?:ked|king)?|"
    r"ashamed|embarrassed|too (?:old|dumb|stupid)|discouraged|demotivated|"
    r"frustrated|crying|cried|hate (?:myself|every)|fire me)\b"
    r"|\b(?:(?:this|it) (?:just )?(?:is not|isn'?t) for me|so overwhelming|"
    r"(?:is it|am i) (?:ok(?:ay)?|normal|wrong|alone)\b.{0,30}?\b(?:feel|feeling|struggl\w+|lost|"
    r"slow|stuck|afraid)|"
    r"feel(?:ing)? (?:like an? (?:\w+ )?(?:fraud|failure|fake|idiot|loser)|(?:i(?:'m| am) the )?"
    r"(?:so |totally |really )?(?:bad|down|dumb|stupid|lost|stuck|fake|cheated|worthless|useless|"
    r"left behind)))\b",
    re.I,
)
_ENGLISH = frozenset(
    "the a an is are was do does did what which who how why when where can could should would i "
    "my you your of to in on for and or not it this that with me if but as at be have has".split()
)
_FOREIGN = frozenset(
    "der die das und ist wie was ich nicht ein eine für mit kann auf den wird muss soll "
    "el la los las que es cómo como qué para una un por con puedo cuánto gana mi de en "
    "le les des est comment pourquoi je ne pas une du pour avec dans combien quel quelle "
    "il che per non sono come quanto di o que um uma não como para é meu "
    "hai kya kaise mujhe mein ka ki ke ko hoon nahi aur se kitna kitni "
    "het een niet ik hoe wat voor jak nie jest co na się bir ne nasıl için".split()
)


def small_talk(text: str) -> str | None:
    """A short human reply to a greeting, thanks, farewell, or a call for help; None for
    everything else."""
    return next((reply for pattern, reply in _REPLIES if pattern.match(text)), None)


def manner_and_matter(message: str) -> tuple[Manner, str]:
    """How a message wants to be answered, and what it asks without the words that say so; empty
    where nothing else is asked.

    "Easier" or "too long" may be the matter itself ("which track is easier?", "is it easier?"), and
    is a wish only where nothing else is asked and nothing compared.
    """
    compares = _COMPARES.match(message)
    manner: Manner = "plain"
    rest = message
    for wished, sure, alone in _WISHES:
        without = sure.sub(" ", rest)
        if not compares and not _is_matter(bare := alone.sub(" ", without)):
            without = bare
        if without != rest and manner == "plain":
            manner = wished
        rest = without
    if rest == message:
        return manner, message
    return manner, rest.strip(" ,;:-") if _is_matter(rest) else ""


def _is_matter(text: str) -> bool:
    return bool(language.content_stems(text) - _FILLER)


def worries(message: str) -> bool:
    """Whether `message` tells of a worry or a defeat of the learner's own."""
    return bool(_WORRY.search(message))


def foreign(message: str) -> bool:
    """Whether `message` is in another language than English, told by script and small words."""
    letters = [c for c in message if c.isalpha()]
    if letters and sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters) > (
        0.4 * len(letters)
    ):
        return True
    words = re.findall(r"[^\W\d_]+", message.lower())
    theirs = sum(word in _FOREIGN and word not in _ENGLISH for word in words)
    ours = sum(word in _ENGLISH for word in words)
    return len(words) >= 3 and theirs >= 2 and theirs > ours
