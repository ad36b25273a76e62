"""吹哨报到: the street calls departments, they report in and stay until it is done.

For the floors above.

Services: `open_supervisor_slot(whistle_id, placed_by=, now=)`, `sign_as_supervisor(whistle_id,
placed_by=, person_id=, now=)`, `refuse_as_supervisor(…, reason=)`, `close_supervisor_slot`,
`place_hold(whistle_id, reason=, placed_by=, now=)`, `lift_hold`; and one per verb of the desk.
Standing down waits for every open slot and every hold, and happens by itself once none is left.

Queries: `live_whistle_id(problem_id)`, `live_for_street(street_id, now)` (the board's cards, one
statement), `timeline(problem_id, inside=)` with `wording.sentence(step, unit)`,
`visible_to(actor)` (the twin of `policies.can_see`), `get_visible(ref, actor)`, `standing`.

Events (see `events`): on whistles `WhistleBlown`, `WhistleCancelled`, `WhistleCompleted`,
`WhistleReleased`, …; on a department's line `CalloutCalled`, `CalloutAcknowledged`,
`CalloutReportedIn`, `CalloutEscalated(clock, rung, is_red)`, `CalloutMarkedAbsent`,
`CalloutStoodDown`, …. A quiet whistle's facts are for its street, its departments and the district
alone until `WhistleReleased`.

Endpoints: whistles.new (?problem=ref&item=number), revise, request_approval, approve,
return_to_author, override_gate, blow, cancel, release, review, call_more, show_code, photo, index,
district; for one department (`ref`, `unit` code): acknowledge, contact, set_out, report_in, resume,
record_result, ask_recess, grant_recess, refuse_recess, ask_stand_down, sign_off, refuse_sign_off,
hand_back, reroute, uphold_hand_back, overrule_hand_back, hand_over, nudge, correct_absence,
release_photo. The composed pages are casework.whistle, casework.field, casework.field_callout.
"""
