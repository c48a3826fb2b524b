-- The parent of every session that has a candidate: the first rule of the ladder that yields
-- one decides, and callers that are one and the same count once (semantics.md 3.2). Two
-- different callers are ambiguous: no parent is picked, both stand in `candidates`.
-- A session is never its own parent, nor is one that began later.
-- grain: one row per session that some issuing call could have made
-- reads: issued_credentials, link_candidates, session_ids
with candidates as (
    select distinct
        s.session_id,
        c.issue_id,
        c.rule_name,
        c.rule_rank
    from link_candidates as c
    inner join session_ids as s
        on
            c.principal_id = s.principal_id
            and c.creation_date is not distinct from s.creation_date
            and c.access_key_id is not distinct from s.access_key_id
),

with_callers as (
    select
        c.session_id,
        c.rule_name,
        c.rule_rank,
        i.*,
        p.session_id as caller_session_id,
        if(i.caller_type = 'IAMUser', i.caller_id, coalesce(p.session_id, i.caller_id))
            as caller_identity
    from candidates as c
    inner join issued_credentials as i on c.issue_id = i.issue_id
    left join session_ids as p
        on
            i.caller_principal_id = p.principal_id
            and i.caller_creation_date is not distinct from p.creation_date
            and i.caller_access_key_id is not distinct from p.access_key_id
    where
        p.session_id is distinct from c.session_id
        and (i.caller_creation_date is null or i.caller_creation_date <= i.issued_at)
),

best as (
    select
        *,
        min(rule_rank) over (partition by session_id) as best_rank
    from with_callers
)

select
    session_id,
    min(rule_name) as rule_name,
    count(distinct caller_identity) as candidate_count,
    list_sort(list(distinct coalesce(caller_arn, caller_id))) as candidates,
    if(candidate_count = 1, 'found', 'ambiguous') as outcome,
    if(
        candidate_count = 1 and count(distinct coalesce(caller_session_id, '')) = 1,
        min(caller_session_id),
        null
    ) as parent_session_id,
    list_sort(list(distinct issue_id)) as issue_ids,
    list_sort(list_distinct(flatten(list(event_ids)))) as event_ids,
    min(issued_at) as issued_at,
    max(expires_at) as expires_at,
    min(event_name) as issued_by,
    min(role_arn) as role_arn,
    min(session_name) as session_name,
    min(source_identity) as source_identity,
    if(candidate_count = 1, min(caller_type), null) as caller_type,
    if(candidate_count = 1, min(caller_principal_id), null) as caller_principal_id,
    if(candidate_count = 1, min(caller_arn), null) as caller_arn,
    if(candidate_count = 1, min(caller_account_id), null) as caller_account_id,
    if(candidate_count = 1, min(caller_user_name), null) as caller_user_name,
    if(candidate_count = 1, min(caller_invoked_by), null) as caller_invoked_by,
    if(candidate_count = 1, min(caller_access_key_id), null) as caller_access_key_id
from best
where rule_rank = best_rank
group by session_id
