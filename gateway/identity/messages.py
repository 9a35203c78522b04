"""What is written to people, in Chinese and English."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gateway.identity.contacts import Contact
from gateway.identity.delivery import Message

LOCALES = ("zh", "en")


@dataclass(frozen=True)
class Texts:
    """(subject, text) in each language."""

    zh: tuple[str, str]
    en: tuple[str, str]


class Letter(enum.Enum):
    """The kinds of letters. `{code}` is the one-time code, `{minutes}` how long it holds, `{number}` under which it is
    good for `{hours}`, `{link}` the page where it is used."""

    REGISTER = Texts(
        zh=(
            "注册验证码",
            "您的注册验证码是 {code}，{minutes} 分钟内有效。如果申请页面已关闭，或提示稍后再试，可在“注册”页面用编号 {number} 和此验证码继续，"
            "{hours} 小时内有效。如非本人操作，请忽略本消息。",
        ),
        en=(
            "Your code",
            "Your registration code is {code}. It holds for {minutes} minutes. If you have closed the page, or it tells you to come back later, use the code "
            "with number {number} on the page for new members, for {hours} hours. If you did not ask for it, do nothing.",
        ),
    )
    REGISTER_KNOWN = Texts(
        zh=(
            "您已注册",
            "有人用此联系方式注册，但您已有账户。如是您本人，请直接登录或找回密码；如非本人操作，请忽略本消息。",
        ),
        en=(
            "You have an account",
            "Somebody registered with this address, which has an account. If it was you, log in or recover your password. If not, do nothing.",
        ),
    )
    RECOVER = Texts(
        zh=(
            "重设密码验证码",
            "您的重设密码验证码是 {code}，{minutes} 分钟内有效。如果申请页面已关闭，或提示稍后再试，可在“找回密码”页面用编号 {number} 和此验证码重设，"
            "{hours} 小时内有效。如非本人操作，请忽略本消息。",
        ),
        en=(
            "Your code",
            "Your code to set a new password is {code}. It holds for {minutes} minutes. If you have closed the page, or it tells you to come back later, use "
            "the code with number {number} on the page for a new password, for {hours} hours. If you did not ask for it, do nothing.",
        ),
    )
    RECOVER_UNKNOWN = Texts(
        zh=("没有账户", "有人想用此联系方式找回密码，但它没有对应的账户。如非本人操作，请忽略本消息。"),
        en=(
            "No account",
            "Somebody asked to recover a password with this address, which has no account. If it was not you, do nothing.",
        ),
    )
    CHANGE_OLD = Texts(
        zh=(
            "更换联系方式确认码",
            "确认更换联系方式，请输入 {code}，{minutes} 分钟内有效。如非本人操作，请立即修改密码。",
        ),
        en=(
            "Confirm the change",
            "To agree that your contact is changed, enter {code} within {minutes} minutes. If you did not ask for it, change your password now.",
        ),
    )
    CHANGE_NEW = Texts(
        zh=("新联系方式验证码", "您的验证码是 {code}，{minutes} 分钟内有效。如非本人操作，请忽略本消息。"),
        en=(
            "Your code",
            "Your code to confirm this address is {code}. It holds for {minutes} minutes. If you did not ask for it, do nothing.",
        ),
    )
    CHANGED = Texts(
        zh=("联系方式已更换", "您账户的联系方式已更换。如非本人操作，请联系商户。"),
        en=(
            "Your contact was changed",
            "The contact of your account was changed. If it was not you, write to the merchant.",
        ),
    )
    PASSWORD_CHANGED = Texts(
        zh=("密码已更改", "您账户的密码已更改，其他登录均已退出。如非本人操作，请立即找回密码。"),
        en=(
            "Your password was changed",
            "The password of your account was changed, and its other sessions have ended. If it was not you, recover it now.",
        ),
    )
    INVITED = Texts(
        zh=(
            "{merchant}邀请您加入",
            "{merchant}邀请您加入，点击链接设置密码：{link} 。邀请号 {invitation}，验证码 {code}，{hours} 小时内有效。",
        ),
        en=(
            "{merchant} invites you",
            "{merchant} invites you to a staff account. Open this link and set your password: {link} . Number {invitation}, code {code}. They hold for {hours} hours.",
        ),
    )


def compose(letter: Letter, to: Contact, locale: str, **values: object) -> Message:
    """The letter in the language of `locale`, English when it is not one of ours."""
    subject, text = letter.value.zh if locale == "zh" else letter.value.en
    return Message(to, subject.format(**values), text.format(**values))
