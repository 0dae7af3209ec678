"""My page: how I am called, my password, my tokens, signing out everywhere."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from codesign.accounts import queries, service
from codesign.accounts.facts import TokenFact
from codesign.accounts.pages.base import again, blueprint, me, signed_in, unstored
from codesign.accounts.schemas import PasswordForm, ProfileForm, TokenForm
from codesign.kernel.actor import SCOPES
from codesign.kernel.text import _
from codesign.web import identity
from codesign.web.forms import posted
from codesign.web.preferences import bring_language


@blueprint.get("/me")
def profile() -> str:
    """My page; a guest reads here how to stay."""
    actor = identity.current_actor()
    if actor.guest and actor.person_id:
        return render_template("accounts/guest.html", active="me")
    return render_template("accounts/me.html", form={}, person=me(), active="me")


@blueprint.post("/me/profile")
@again("accounts/me.html", person=me)
def change_profile() -> Response:
    """Change how I am called and spoken to."""
    form = posted(ProfileForm())
    locale = form["locale"] or None
    service.change_profile(signed_in(), name=form["name"], locale=locale, show_name=form["show_name"])
    flash(_("Saved."))
    response = redirect(url_for("accounts.profile"))
    bring_language(response, locale)
    return response


@blueprint.post("/me/password")
@again("accounts/me.html", person=me)
def change_password() -> Response:
    """Change my password; whoever else was signed in as me is not any more."""
    form = posted(PasswordForm())
    person = service.change_password(signed_in(), form["old_password"], form["new_password"], identity.client_address())
    _stay(person.id, person.sign_in_epoch)
    flash(_("Your new password works from now on. Everywhere else you are signed out."))
    return redirect(url_for("accounts.profile"))


@blueprint.post("/me/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """Sign out of every browser but this one."""
    person = service.sign_out_everywhere(signed_in())
    _stay(person.id, person.sign_in_epoch)
    flash(_("You are signed out everywhere else."))
    return redirect(url_for("accounts.profile"))


def _stay(person_id: str, epoch: int) -> None:
    identity.announce_change(person_id)
    identity.sign_in_person(person_id, epoch)


# --- Tokens -----------------------------------------------------------------------------------------------------------


def _tokens() -> list[TokenFact]:
    return queries.list_tokens(str(signed_in().person_id))


@blueprint.get("/me/tokens")
def tokens() -> str:
    """My keys for programs."""
    return render_template("accounts/tokens.html", form={}, tokens=_tokens(), scopes=SCOPES, person=me(), active="me")


@blueprint.post("/me/tokens")
@again("accounts/tokens.html", tokens=_tokens, scopes=lambda: SCOPES, person=me)
def make_token() -> Response:
    """Make a key and show it, this once."""
    form, actor = posted(TokenForm()), signed_in()
    fact, secret = service.make_token(
        actor, str(actor.person_id), form["token_name"], TokenForm.scopes(form), form["days"]
    )
    page = render_template(
        "accounts/tokens.html", form={}, tokens=_tokens(), scopes=SCOPES, person=me(), made=fact, secret=secret, active="me"
    )  # fmt: skip
    return unstored(page)


@blueprint.post("/me/tokens/<token_id>/revoke")
def revoke_token(token_id: str) -> Response:
    """Make one of my keys void."""
    identity.forget_token(service.revoke_token(signed_in(), token_id))
    flash(_("The token is void now."))
    return redirect(url_for("accounts.tokens"))
