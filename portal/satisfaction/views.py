"""The page on which residents say how it was handled, and what happens next."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from portal.problems import policies as problem_policies
from portal.problems import queries as problem_queries
from portal.problems.models import Problem
from portal.satisfaction import labels, policies, queries, services
from portal.satisfaction.forms import RateForm
from portal.satisfaction.policies import Standing
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.desk import perform
from portal.web.transaction import Act

bp = Blueprint("satisfaction", __name__)

Answer = Response | str | tuple[str, int]


@bp.route("/p/<ref>/rate", methods=["GET", "POST"])
@guarded_by(policies.can_rate)
def rate(ref: str) -> Answer:
    """Ask whether it is solved and how it was handled; answers may be changed until the end."""
    problem = problem_queries.get_visible(ref, current_actor())
    standing = queries.standing(problem, current_actor())
    authorise(standing)
    answer, words = queries.own_answer(standing)
    form = RateForm.drawn_for(answer, words)
    if form.validate_on_submit():

        def act(unit: Act) -> None:
            services.rate(
                problem_queries.get_visible(ref, current_actor()),
                answer=form.answer(),
                words=form.words.data or "",
                actor=current_actor(),
                now=moment(),
            )
            unit.answer(url_for("satisfaction.rated", ref=ref))

        done = perform(form, act)
        if done is not None:
            return done
        problem = problem_queries.get_visible(ref, current_actor())
        standing = queries.standing(problem, current_actor())
    return _ask(problem, standing, form), 422 if form.errors else 200


def _ask(problem: Problem, standing: Standing, form: RateForm) -> str:
    actor = current_actor()
    sees_all = standing.person_id == problem.reporter_id or (
        actor.is_staff
        and problem_policies.sees_inside(actor, problem_queries.standing(problem, actor))
    )
    before, after = queries.photo_tokens(problem.id, released_only=not sees_all)
    return render_template(
        "satisfaction/rate.html",
        problem=problem,
        round=standing.round,
        capacity=queries.capacity(standing),
        again=standing.chance is not None and standing.chance.has_voted,
        form=form,
        labels=labels,
        before=before,
        after=after,
    )


@bp.get("/p/<ref>/rated")
@guarded_by(policies.can_see_rated)
def rated(ref: str) -> Answer:
    """Thank, and say what happens next."""
    problem = problem_queries.get_visible(ref, current_actor())
    standing = queries.standing(problem, current_actor())
    authorise(standing)
    return render_template(
        "satisfaction/rated.html",
        problem=problem,
        result=queries.result_for(problem, current_actor(), moment()),
        labels=labels,
    )
