-- Every session with the whole chain of roles that led to it, walked from the origin down over
-- the links, any depth. A session has one parent, so each is met once and the walk ends; a
-- ring of parents (only broken records make one) is never entered and counts as unknown.
-- The evidence of a chain is that of its weakest hop.
-- grain: one row per session
-- reads: session_facts, session_links, session_origins
with recursive hops as (
    select
        f.session_id,
        if(f.user_type = 'IAMUser', null, l.parent_session_id) as parent_session_id,
        coalesce(l.event_ids, []) as event_ids,
        if(l.rule_name = 'issued-key', 4, 3) as link_rank,
        case
            when f.is_role_session and f.role_arn is not null then [f.role_arn]
            else []
        end as hop
    from session_facts as f
    left join session_links as l on f.session_id = l.session_id
),

walk as (
    select
        h.session_id,
        h.session_id as origin_session_id,
        h.hop as chain,
        h.event_ids as evidence_events,
        o.evidence_rank
    from hops as h
    inner join session_origins as o on h.session_id = o.session_id
    union all
    select
        h.session_id,
        w.origin_session_id,
        list_concat(w.chain, h.hop) as chain,
        list_concat(w.evidence_events, h.event_ids) as evidence_events,
        least(w.evidence_rank, h.link_rank) as evidence_rank
    from walk as w
    inner join hops as h on w.session_id = h.parent_session_id
)

select
    h.session_id,
    coalesce(w.origin_session_id, h.session_id) as origin_session_id,
    coalesce(o.origin, 'ring') as origin,
    coalesce(o.actor_kind, 'unresolved') as actor_kind,
    o.actor_account,
    o.actor_name,
    o.actor_arn,
    o.actor_display,
    coalesce(w.chain, h.hop) as chain,
    len(coalesce(w.chain, h.hop)) as hops,
    ['none', 'claimed', 'ambiguous', 'matched', 'proven', 'direct'][
        coalesce(w.evidence_rank, 0) + 1
    ] as evidence,
    coalesce(w.evidence_events, []) as evidence_events,
    o.claimed_actor,
    o.claim_source,
    coalesce(o.long_term_credential, false) as long_term_credential,
    coalesce(o.candidates, []) as candidates
from hops as h
left join walk as w on h.session_id = w.session_id
left join session_origins as o on w.origin_session_id = o.session_id
