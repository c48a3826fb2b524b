-- Trust policies that were changed, and a role then put on by a principal that had never put it
-- on before: a back door, or a new colleague.
-- grain: one row per change of a trust policy and new principal
-- $days integer = 30: so many days after the change.
-- $since time: events from this time on.
-- $until time: events before this time.
-- severity: high
-- technique: T1098
-- blind spots: A principal that used the role before the first file of the lake looks new. A new
-- role's first wearers are shown only where they come from another account. A back door that
-- was not yet used is not shown: ask for the changes with `rolecall sql`.
-- reads: attributed_events, issued_credentials
with changes as (
    select
        *,
        coalesce(
            response_elements ->> '$.role.arn',
            'arn:aws:iam::' || recipient_account_id || ':role/'
            || (request_parameters ->> '$.roleName')
        ) as changed_role,
        regexp_extract_all(
            coalesce(
                request_parameters ->> '$.policyDocument',
                request_parameters ->> '$.assumeRolePolicyDocument'
            ),
            '"(arn:[^"]+|\d{12}|\*|[a-z0-9.-]+\.amazonaws\.com)"',
            1
        ) as trusted
    from attributed_events
    where
        event_source = 'iam.amazonaws.com'
        and event_name in ('UpdateAssumeRolePolicy', 'CreateRole')
        and error_code is null
        and ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

puts as (
    select
        issue_id,
        event_id,
        issued_at,
        role_arn,
        caller_type,
        caller_account_id,
        split_part(role_arn, ':', 5) || '/' || regexp_extract(role_arn, '[^/]*$') as role_key,
        case caller_type
            when 'AWSService' then 'service:' || caller_invoked_by
            when 'WebIdentityUser' then caller_identity_provider || ':' || caller_principal_id
            else coalesce(split_part(caller_principal_id, ':', 1), caller_arn)
        end as principal
    from issued_credentials
    where issue_kind = 'role'
),

first_puts as (
    select
        *,
        row_number() over (partition by role_key, principal order by issued_at, issue_id)
            as put_number
    from puts
),

fresh as (
    select
        c.event_id,
        c.recipient_account_id,
        p.event_id as put_event_id,
        p.issued_at,
        p.caller_account_id,
        p.principal
    from first_puts as p
    inner join changes as c
        on
            split_part(c.changed_role, ':', 5) || '/' || regexp_extract(c.changed_role, '[^/]*$')
            = p.role_key
            and c.event_time <= p.issued_at
            and p.issued_at < c.event_time + to_days($days)
    where
        p.put_number = 1
        and (
            c.event_name = 'UpdateAssumeRolePolicy'
            or (
                p.caller_type <> 'AWSService'
                and p.caller_account_id <> c.recipient_account_id
            )
        )
    qualify
        row_number() over (
            partition by p.issue_id
            order by c.event_time desc, c.event_id
        ) = 1
)

select
    c.actor_kind,
    c.actor_account,
    c.actor_name,
    c.actor_arn,
    c.actor_display,
    c.claimed_actor,
    c.claim_source,
    c.chain,
    c.evidence,
    c.event_name,
    c.changed_role as role_arn,
    c.trusted,
    c.event_time as first_time,
    c.source_ip_address as source_address,
    c.session_id,
    a.actor_kind as then_actor_kind,
    a.actor_account as then_actor_account,
    a.actor_name as then_actor_name,
    a.actor_arn as then_actor_arn,
    a.actor_display as then_actor_display,
    a.claimed_actor as then_claimed_actor,
    a.claim_source as then_claim_source,
    a.chain as then_chain,
    a.evidence as then_evidence,
    f.principal as new_principal,
    f.issued_at as put_on_at,
    a.source_ip_address as then_source_address,
    f.put_event_id as then_event_id,
    c.event_id
from fresh as f
inner join changes as c
    on
        f.event_id = c.event_id
        and f.recipient_account_id is not distinct from c.recipient_account_id
inner join attributed_events as a on f.put_event_id = a.event_id
order by put_on_at, then_event_id
