-- Every session with the whole chain of roles that led to it, walked from the origin down over
-- the links, any depth. A session has one parent, so each is met once and the walk ends; a
-- ring of parents (only broken records make one) is never entered and counts as unknown.
-- The evidence of a chain is that of its weakest hop; AWS's own onBehalfOf names the person
-- anew. A console or OAuth session of the same principal is no further hop. Transitive tags go
-- down the chain and cannot be overridden (semantics.md 5).
-- `settled_chains` are chains that a build need not touch: parents of what it does build.
-- grain: one row per session
-- reads: session_facts, session_links, session_origins, settled_chains
with recursive hops as (
    select
        f.session_id,
        f.session_date,
        if(f.user_type = 'IAMUser', null, l.parent_session_id) as parent_session_id,
        coalesce(l.event_ids, []) as event_ids,
        if(l.is_exact, 4, 3) as link_rank,
        p.session_id is not null as names_person,
        if(
            f.role_arn is null or coalesce(l.issue_kind in ('signin-token', 'oauth-token'), false),
            [],
            [f.role_arn]
        ) as hop,
        f.role_arn,
        if(
            l.session_tags like '[%',
            map_from_entries(
                [
                    {'key': t ->> '$.key', 'value': t ->> '$.value'}
                    for t in try_cast(l.session_tags as json[])
                ]
            ),
            json_transform(coalesce(l.session_tags, '{}'), '"map(varchar, varchar)"')
        ) as own_tags,
        json_transform(coalesce(l.incoming_tags, '{}'), '"map(varchar, varchar)"')
            as incoming_tags,
        coalesce(try_cast(try_cast(l.transitive_tag_keys as json) as varchar[]), []) as kept_keys
    from session_facts as f
    left join session_links as l on f.session_id = l.session_id
    left join session_origins as p
        on f.session_id = p.session_id and p.origin = 'on-behalf-of'
),

settled as (
    select
        session_id,
        origin_session_id,
        actor_session_id,
        chain,
        evidence_events,
        evidence_rank,
        session_tags,
        transitive_tags
    from settled_chains
),

walk as (
    select
        h.session_id,
        h.session_id as origin_session_id,
        h.session_id as actor_session_id,
        if(h.role_arn is null, [], [h.role_arn]) as chain,
        h.event_ids as evidence_events,
        o.evidence_rank,
        map_concat(h.own_tags, h.incoming_tags) as session_tags,
        map_concat(
            map_from_entries(
                [e for e in map_entries(h.own_tags) if list_contains(h.kept_keys, e.key)]
            ),
            h.incoming_tags
        ) as transitive_tags
    from hops as h
    inner join session_origins as o on h.session_id = o.session_id and o.starts_chain
    union all
    select * from settled
    union all
    select
        h.session_id,
        w.origin_session_id,
        if(h.names_person, h.session_id, w.actor_session_id) as actor_session_id,
        list_concat(w.chain, h.hop) as chain,
        list_concat(w.evidence_events, h.event_ids) as evidence_events,
        if(h.names_person, 4, least(w.evidence_rank, h.link_rank)) as evidence_rank,
        map_concat(h.own_tags, w.transitive_tags, h.incoming_tags) as session_tags,
        map_concat(
            map_from_entries(
                [e for e in map_entries(h.own_tags) if list_contains(h.kept_keys, e.key)]
            ),
            w.transitive_tags,
            h.incoming_tags
        ) as transitive_tags
    from walk as w
    inner join hops as h on w.session_id = h.parent_session_id
)

select
    h.session_id,
    h.session_date,
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
    coalesce(o.candidates, []) as candidates,
    o.root_mfa,
    coalesce(w.session_tags, h.own_tags) as session_tags,
    coalesce(w.actor_session_id, h.session_id) as actor_session_id,
    coalesce(w.evidence_rank, 0) as evidence_rank,
    coalesce(w.transitive_tags, h.incoming_tags) as transitive_tags
from hops as h
left join walk as w on h.session_id = w.session_id
left join session_origins as o on w.actor_session_id = o.session_id
