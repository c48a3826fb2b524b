-- The parent of every session that has a candidate: the first rule of the ladder that yields
-- one decides, and callers that are one and the same count once (semantics.md 3.2). Two
-- different callers are ambiguous: no parent is picked, both stand in `candidates`; so is a
-- key beside the one that the only known call issued. A session is never its own parent, nor
-- is one that began later. Where a record shows the caller's principal but not its session
-- (the role owner's copy, SwitchFrom), the session is taken if exactly one was alive
-- (`is_live_match`); with several, the owner's copy still names the account, SwitchFrom none.
-- grain: one row per session that some issuing call could have made
-- reads: issued_credentials, link_candidates, session_ids, session_keys
with vague as (
    select
        issue_id,
        issued_at,
        caller_principal_id,
        caller_arn
    from issued_credentials
    where
        (caller_is_thin and caller_type = 'AWSAccount')
        or (issue_kind = 'switch-role' and caller_type = 'AssumedRole')
),

starts as (
    select distinct
        session_id,
        principal_id,
        creation_date,
        user_arn
    from session_ids
    where
        user_type in ('AssumedRole', 'Role')
        and creation_date is not null
        and (
            principal_id in (select v.caller_principal_id from vague as v)
            or user_arn in (select v.caller_arn from vague as v)
        )
),

alive as (
    select
        v.issue_id,
        s.session_id,
        false as is_by_name
    from vague as v
    inner join starts as s
        on
            v.caller_principal_id = s.principal_id
            and s.creation_date between v.issued_at - interval 12 hours and v.issued_at
    qualify count(*) over (partition by v.issue_id) = 1
    union all
    select
        v.issue_id,
        s.session_id,
        true as is_by_name
    from vague as v
    inner join starts as s
        on
            v.caller_arn = s.user_arn
            and s.creation_date between v.issued_at - interval 12 hours and v.issued_at
    where v.caller_principal_id is null
),

candidates as (
    select distinct
        s.session_id,
        s.is_stray,
        s.creation_date,
        s.session_date,
        c.issue_id,
        c.rule_name,
        c.rule_rank
    from link_candidates as c
    inner join session_ids as s
        on
            c.principal_id = s.principal_id
            and c.creation_date is not distinct from s.creation_date
            and c.access_key_id is not distinct from s.access_key_id
    inner join session_keys as k
        on
            s.principal_id = k.principal_id
            and s.creation_date is not distinct from k.creation_date
            and s.access_key_id is not distinct from k.access_key_id
),

with_callers as (
    select
        c.session_id,
        c.is_stray,
        c.session_date,
        c.rule_name,
        c.rule_rank,
        i.*,
        coalesce(a.is_by_name, false) as is_by_name,
        a.session_id is not null as is_live_match,
        coalesce(p.session_id, a.session_id) as caller_session_id,
        if(
            i.caller_type = 'IAMUser',
            i.caller_id,
            coalesce(p.session_id, a.session_id, i.caller_id)
        ) as caller_identity
    from candidates as c
    inner join issued_credentials as i on c.issue_id = i.issue_id
    left join session_ids as p
        on
            i.caller_principal_id = p.principal_id
            and i.caller_creation_date is not distinct from p.creation_date
            and i.caller_access_key_id is not distinct from p.access_key_id
    left join alive as a on i.issue_id = a.issue_id
    where
        coalesce(p.session_id, a.session_id) is distinct from c.session_id
        and (i.caller_creation_date is null or i.caller_creation_date <= i.issued_at)
        and (
            i.caller_creation_date is null
            or c.creation_date is null
            or i.caller_creation_date <= c.creation_date
        )
),

best as (
    select *
    from with_callers
    qualify rule_rank = min(rule_rank) over (partition by session_id)
)

select
    session_id,
    min(session_date) as session_date,
    min(rule_name) as rule_name,
    count(distinct caller_identity) as candidate_count,
    list_sort(
        list(
            distinct if(
                is_by_name,
                caller_arn || ' (session ' || caller_session_id || ')',
                coalesce(caller_arn, caller_on_behalf_of_user_id, caller_id)
            )
        )
    ) as candidates,
    if(candidate_count = 1 and not bool_or(is_stray and rule_rank > 1), 'found', 'ambiguous')
        as outcome,
    if(
        outcome = 'found' and count(distinct coalesce(caller_session_id, '')) = 1,
        min(caller_session_id),
        null
    ) as parent_session_id,
    bool_or(is_live_match) as is_live_match,
    min(rule_name) = 'issued-key' and not bool_or(is_live_match) as is_exact,
    list_sort(list(distinct issue_id)) as issue_ids,
    list_sort(list_distinct(flatten(list(event_ids)))) as event_ids,
    min(issued_at) as issued_at,
    max(expires_at) as expires_at,
    min(issue_kind) as issue_kind,
    min(event_name) as issued_by,
    min(role_arn) as role_arn,
    min(source_identity) as source_identity,
    min(session_tags) as session_tags,
    min(transitive_tag_keys) as transitive_tag_keys,
    min(incoming_tags) as incoming_tags,
    bool_and(caller_mfa) as caller_mfa,
    if(outcome = 'found', min(caller_type), null) as caller_type,
    if(outcome = 'found', min(caller_principal_id), null) as caller_principal_id,
    if(outcome = 'found', min(caller_arn), null) as caller_arn,
    if(outcome = 'found', min(caller_account_id), null) as caller_account_id,
    if(outcome = 'found', min(caller_user_name), null) as caller_user_name,
    if(outcome = 'found', min(caller_invoked_by), null) as caller_invoked_by,
    if(outcome = 'found', min(caller_access_key_id), null) as caller_access_key_id,
    if(outcome = 'found', min(caller_on_behalf_of_user_id), null) as caller_on_behalf_of_user_id
from best
group by session_id
