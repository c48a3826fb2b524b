-- Every call made with a long-term credential, or under roles whose chain began with one, with
-- its owner (semantics.md 7). Kinds: `access-key`; `console-password` (the sign-in and what was
-- done in the console); `api-key` (a bearer token of an IAM user, as of Bedrock);
-- `service-specific` (a call to CodeCommit or Keyspaces that no access key signed); `unknown`
-- where the log does not show which credential of its owner it was. A role owner's copy of
-- another account's call is left out: the caller's own copy counts. So are the steps of a
-- sign-in before its end, and failed sign-ins: they prove no use.
-- `is_own`: made with the credential itself, not in temporary credentials that came out of it.
-- `with_mfa` as far as the log says; a call signed by an access key shows none.
-- grain: one row per event made with a long-term credential, directly or through its chains
-- kind: view
-- reads: chains, identified_events, session_credentials, session_ids
with in_sessions as (
    select
        e.*,
        s.session_id,
        e.user_type in ('IAMUser', 'Root')
        and c.hops = 0
        and s.credential_kind <> 'access-key' as is_own,
        s.credential_kind,
        s.access_key_id,
        c.actor_kind,
        c.actor_account,
        c.actor_name,
        c.actor_arn,
        c.actor_display,
        c.chain,
        c.hops,
        c.evidence,
        if(
            e.event_name = 'ConsoleLogin',
            coalesce(lower(e.additional_event_data ->> '$.MFAUsed') = 'yes', false),
            s.began_with_mfa
        ) as session_mfa
    from identified_events as e
    inner join session_ids as i
        on
            e.principal_id = i.principal_id
            and e.creation_date is not distinct from i.creation_date
            and e.user_access_key_id is not distinct from i.access_key_id
    inner join session_credentials as s on i.session_id = s.session_id
    inner join chains as c on i.session_id = c.session_id
    where e.user_type <> 'AWSAccount'
),

direct as (
    select
        *,
        null::varchar as session_id,
        true as is_own,
        case
            when user_access_key_id like 'AKIA%' then 'access-key'
            when event_source = 'signin.amazonaws.com' then 'console-password'
            when
                event_source in ('codecommit.amazonaws.com', 'cassandra.amazonaws.com')
                and user_type = 'IAMUser'
                then 'service-specific'
            else 'unknown'
        end as credential_kind,
        if(user_access_key_id like 'AKIA%', user_access_key_id, null) as access_key_id,
        if(user_type = 'Root', 'root', 'iam-user') as actor_kind,
        user_account_id as actor_account,
        if(user_type = 'Root', 'root', coalesce(user_name, split_part(user_arn, '/', -1)))
            as actor_name,
        user_arn as actor_arn,
        if(user_type = 'Root', 'root of ' || coalesce(user_account_id, '?'), actor_name)
            as actor_display,
        []::varchar[] as chain,
        0 as hops,
        'direct' as evidence,
        event_source = 'sts.amazonaws.com'
        and coalesce(contains(request_parameters, '"serialNumber"'), false) as session_mfa
    from identified_events
    where
        user_type in ('IAMUser', 'Root')
        and (
            principal_id is null
            or (creation_date is null and coalesce(user_access_key_id not like 'ASIA%', true))
        )
        and (
            event_source not in ('signin.amazonaws.com', 'sso.amazonaws.com')
            or user_access_key_id like 'AKIA%'
            or event_name in ('PasswordRecoveryCompleted', 'PasswordUpdated')
        )
),

used as (
    select * from in_sessions
    union all
    select * from direct
)

select
    * exclude (credential_kind, access_key_id, session_mfa, principal_id, creation_date),
    user_type = 'IAMUser'
    and coalesce(contains(additional_event_data, '"callWithBearerToken"'), false)
    and coalesce((additional_event_data ->> '$.callWithBearerToken') = 'true', false)
        as is_bearer,
    if(is_bearer, 'api-key', credential_kind) as credential_kind,
    if(is_bearer, null, access_key_id) as access_key_id,
    coalesce(
        if(is_bearer, null, access_key_id),
        if(is_bearer, 'api-key', credential_kind)
        || ':' || coalesce(actor_account, '') || ':' || coalesce(actor_name, '')
    ) as credential_id,
    coalesce(session_mfa, false) as with_mfa,
    error_code is null
    and read_only = false
    and (
        event_source in (
            'iam.amazonaws.com',
            'organizations.amazonaws.com',
            'sso.amazonaws.com',
            'identitystore.amazonaws.com',
            'account.amazonaws.com',
            'cloudtrail.amazonaws.com',
            'guardduty.amazonaws.com',
            'config.amazonaws.com',
            'securityhub.amazonaws.com'
        )
        or event_name = 'AssumeRoot'
    )
    and event_name not in ('ChangePassword', 'CreateVirtualMFADevice', 'EnableMFADevice')
        as is_administrative
from used
