-- The parent of every session that has a candidate: the first rule of the ladder that yields
-- one decides, and callers that are one and the same count once (semantics.md 3.2). Two
-- different callers are ambiguous: no parent is picked, both stand in `candidates`; so is a
-- key beside the one that the only known call issued. A session is never its own parent, nor
-- is one that began later. Where a record shows the caller's principal but not its session
-- (the role owner's copy, SwitchFrom), the session is taken if exactly one was alive
-- (`is_live_match`): of those seen in use, and those known by the call that issued them alone,
-- less those that had expired; with several, the owner's copy still names the account,
-- SwitchFrom none. The owner's copy rests on principal and second like any other: it is a rival.
-- grain: one row per session that some issuing call could have made
-- reads: issued_credentials, link_candidates, session_ids, session_keys
with vague as (
    select
        issue_id,
        issued_at,
        caller_principal_id is null as is_by_name,
        coalesce(caller_principal_id, caller_arn) as wearer
    from issued_credentials
    where caller_is_vague
),

seen as (
    select
        wearer,
        began_at,
        list(distinct session_id) as session_ids
    from (
        select
            session_id,
            creation_date as began_at,
            unnest([principal_id, user_arn]) as wearer
        from session_ids
        where user_type in ('AssumedRole', 'Role') and creation_date is not null
    ) as s
    where wearer in (select v.wearer from vague as v)
    group by wearer, began_at
),

issued as (
    select
        wearer,
        began_at,
        count(distinct caller_id) as caller_count,
        max(expires_at) as expires_at
    from (
        select
            issued_at as began_at,
            expires_at,
            caller_id,
            unnest([principal_id, session_arn]) as wearer
        from issued_credentials
        where issue_kind = 'role'
    ) as i
    where wearer in (select v.wearer from vague as v)
    group by wearer, began_at
),

lives as (
    select
        coalesce(s.wearer, i.wearer) as wearer,
        coalesce(s.began_at, i.began_at) as began_at,
        i.expires_at,
        coalesce(s.session_ids, []) as session_ids,
        greatest(len(coalesce(s.session_ids, [])), coalesce(i.caller_count, 0)) as session_count
    from seen as s
    full join issued as i on s.wearer = i.wearer and s.began_at = i.began_at
),

living as (
    select
        v.issue_id,
        v.is_by_name,
        sum(l.session_count) as session_count,
        list_distinct(flatten(list(l.session_ids))) as session_ids
    from vague as v
    inner join lives as l
        on
            v.wearer = l.wearer
            and l.began_at between v.issued_at - interval 12 hours and v.issued_at
    where coalesce(v.issued_at <= l.expires_at + interval 5 minutes, true)
    group by v.issue_id, v.is_by_name
),

alive as (
    select
        issue_id,
        is_by_name,
        unnest(if(session_count > len(session_ids), list_append(session_ids, null), session_ids))
            as session_id
    from living
    where is_by_name or (session_count = 1 and len(session_ids) = 1)
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
            coalesce(
                p.session_id,
                a.session_id,
                i.caller_id || if(a.issue_id is null, '', ' not seen')
            )
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

ranked as (
    select
        *,
        min(rule_rank) over (partition by session_id) as best_rank,
        arg_min(caller_account_id, (rule_rank, caller_account_id)) over (partition by session_id)
            as best_account
    from with_callers
),

best as (
    select * from ranked
    where
        rule_rank = best_rank
        or (rule_rank = 5 and best_rank in (2, 3))
        or (rule_rank = 5 and best_rank = 4 and caller_account_id <> best_account)
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
                caller_arn || ' (session ' || coalesce(caller_session_id, 'not seen') || ')',
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
