-- Who entered an account, and from where: roles put on from other accounts and identity
-- providers, console sign-ins, long-term keys, and calls of other accounts without a role.
-- grain: one row per actor, chain of roles, way in and where from
-- $account account, required: the account.
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: info
-- technique: T1078.004
-- blind spots: Needs the trail of the account, or that of the account which the caller came from.
-- Roles that AWS services put on (instances, functions, service-linked roles) are no entries here.
-- Whoever is in the account by a long-term key is an entry at each call, not at a sign-in.
-- reads: attributed_events, issued_credentials, session_links, sessions
with issues as (
    select
        issue_id,
        event_id,
        event_ids,
        event_name,
        issued_at,
        role_arn,
        coalesce(
            caller_identity_provider,
            if(issue_kind = 'console-login', 'console', caller_account_id)
        ) as came_from
    from issued_credentials
    where
        case issue_kind
            when 'role' then split_part(role_arn, ':', 5) = $account
            when 'root' then principal_id = $account
            when 'console-login' then list_contains(recipient_account_ids, $account)
        end
        and caller_type is distinct from 'AWSService'
        and (
            issue_kind = 'console-login'
            or caller_type in ('SAMLUser', 'WebIdentityUser')
            or caller_account_id <> $account
        )
        and ($since is null or issued_at >= $since)
        and ($until is null or issued_at < $until)
),

links as (
    select
        unnest(issue_ids) as issue_id,
        session_id
    from session_links
    where outcome = 'found'
),

led_to as (
    select
        issue_id,
        min(session_id) as session_id,
        list_sort(list(session_id)) as session_ids
    from links
    group by issue_id
),

callers as (
    select
        a.*,
        i.issue_id,
        row_number() over (partition by i.issue_id order by a.recipient_account_id) as copy_number
    from attributed_events as a
    inner join issues as i on a.event_id = i.event_id
    where
        a.event_source in (
            'sts.amazonaws.com', 'signin.amazonaws.com', 'rolesanywhere.amazonaws.com'
        )
),

by_role as (
    select
        i.event_name as way_in,
        i.came_from,
        i.issued_at as entered_at,
        i.event_ids,
        coalesce(t.session_ids, []) as session_ids,
        c.source_ip_address,
        s.session_id is not null as is_seen,
        if(is_seen, s.actor_kind, c.actor_kind) as actor_kind,
        if(is_seen, s.actor_account, c.actor_account) as actor_account,
        if(is_seen, s.actor_name, c.actor_name) as actor_name,
        if(is_seen, s.actor_arn, c.actor_arn) as actor_arn,
        if(is_seen, s.actor_display, c.actor_display) as actor_display,
        if(is_seen, s.claimed_actor, c.claimed_actor) as claimed_actor,
        if(is_seen, s.claim_source, c.claim_source) as claim_source,
        if(is_seen, s.evidence, c.evidence) as evidence,
        case
            when is_seen then s.chain
            when i.role_arn is null then c.chain
            else list_append(c.chain, i.role_arn)
        end as chain
    from issues as i
    inner join callers as c on i.issue_id = c.issue_id and c.copy_number = 1
    left join led_to as t on i.issue_id = t.issue_id
    left join sessions as s on t.session_id = s.session_id
),

direct as (
    select
        if(user_type = 'AWSAccount', 'call of another account', 'long-term key') as way_in,
        coalesce(user_access_key_id, user_account_id) as came_from,
        event_time as entered_at,
        [event_id] as event_ids,
        if(session_id is null, [], [session_id]) as session_ids,
        source_ip_address,
        actor_kind,
        actor_account,
        actor_name,
        actor_arn,
        actor_display,
        claimed_actor,
        claim_source,
        chain,
        evidence
    from attributed_events
    where
        recipient_account_id = $account
        and (
            (user_access_key_id like 'AKIA%' and user_type in ('IAMUser', 'Root'))
            or (
                user_type = 'AWSAccount'
                and user_account_id <> $account
                and not (event_source = 'sts.amazonaws.com' and event_name like 'Assume%')
            )
        )
        and error_code is null
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

entries as (
    select * exclude (is_seen) from by_role
    union all by name
    select * from direct
)

select
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    way_in,
    came_from,
    min(entered_at) as first_time,
    max(entered_at) as last_time,
    count(*) as entries,
    coalesce(
        list_sort(list(distinct source_ip_address) filter (where source_ip_address is not null)),
        []
    ) as source_addresses,
    list_sort(list_distinct(flatten(list(session_ids)))) as session_ids,
    arg_min(event_ids[1], (entered_at, event_ids[1])) as event_id
from entries
group by
    actor_kind,
    actor_account,
    actor_name,
    actor_arn,
    actor_display,
    claimed_actor,
    claim_source,
    chain,
    evidence,
    way_in,
    came_from
order by first_time, event_id
