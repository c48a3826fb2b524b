-- What was done under each hat, in time order; equal calls one after another are one row.
-- grain: one row per hat (session or long-term key) and run of equal calls
-- reads: events, identified_events, session_ids
-- $session_ids, $access_keys (lists); $first_day, $last_day bound the events, so that
-- no other day is read. Copies of a call that another account got are not calls of their own.
-- An AKIA key's record that belongs to a session stands under the session only.
-- Optional: $since (inclusive), $until (exclusive), $write_only, $row_limit: so many rows, shared
-- among the hats (each has one at least): writing and denied calls first, and of these each kind
-- of call once before any comes twice, so that a long hat shows its whole time. Calls that leave a
-- way in behind (keys, passwords, users, trust and permission policies) are never left out.
-- Within a second, of which CloudTrail does not tell the order, what is made comes before what is
-- done with it, and what is deleted last; else by event id. `hat_rows`,
-- `hat_notable`, `hat_calls`, `hat_denied` count what there is under each, `all_rows` all.
with hats as (
    select
        session_id,
        principal_id,
        creation_date,
        access_key_id
    from session_ids
    where list_contains($session_ids, session_id)
),

calls as (
    select
        h.session_id as hat_id,
        e.event_id,
        e.event_time,
        e.event_source,
        e.event_name,
        e.error_code,
        e.error_message,
        e.read_only,
        e.user_invoked_by,
        e.source_ip_address,
        e.aws_region,
        e.recipient_account_id,
        e.request_parameters
    from identified_events as e
    inner join hats as h
        on
            e.principal_id = h.principal_id
            and e.creation_date is not distinct from h.creation_date
            and e.user_access_key_id is not distinct from h.access_key_id
    where e.event_date between $first_day and $last_day
    union all
    select
        user_access_key_id as hat_id,
        event_id,
        event_time,
        event_source,
        event_name,
        error_code,
        error_message,
        read_only,
        user_invoked_by,
        source_ip_address,
        aws_region,
        recipient_account_id,
        request_parameters
    from events
    where
        event_date between $first_day and $last_day
        and user_access_key_id in (select unnest($access_keys))
        and (session_creation_date is null or coalesce(user_principal_id, user_arn) is null)
),

judged as (
    select
        *,
        coalesce(
            regexp_matches(
                error_code, '(?i)access.?denied|unauthori[sz]ed|not.?authori[sz]ed|forbidden'
            ),
            false
        ) as is_denied,
        not coalesce(read_only, false) as is_write,
        case
            when event_name in ('CreateUser', 'CreateRole', 'CreateGroup', 'CreatePolicy') then 0
            when event_name similar to '(Create|Run|Put|Add|Attach|Enable)[A-Z].*' then 1
            when event_name similar to '(Delete|Terminate|Remove)[A-Z].*' then 3
            else 2
        end as step,
        error_code is null
        and event_source in (
            'iam.amazonaws.com',
            'rolesanywhere.amazonaws.com',
            'sso.amazonaws.com',
            'identitystore.amazonaws.com'
        )
        and event_name in (
            'AddClientIDToOpenIDConnectProvider',
            'AddRoleToInstanceProfile',
            'AddUserToGroup',
            'AttachCustomerManagedPolicyReferenceToPermissionSet',
            'AttachGroupPolicy',
            'AttachManagedPolicyToPermissionSet',
            'AttachRolePolicy',
            'AttachUserPolicy',
            'CreateAccessKey',
            'CreateAccountAssignment',
            'CreateGroupMembership',
            'CreateLoginProfile',
            'CreateOpenIDConnectProvider',
            'CreatePermissionSet',
            'CreatePolicyVersion',
            'CreateProfile',
            'CreateRole',
            'CreateSAMLProvider',
            'CreateServiceSpecificCredential',
            'CreateTrustAnchor',
            'CreateUser',
            'DeactivateMFADevice',
            'DeleteRolePermissionsBoundary',
            'DeleteUserPermissionsBoundary',
            'EnableMFADevice',
            'PutGroupPolicy',
            'PutInlinePolicyToPermissionSet',
            'PutRolePolicy',
            'PutUserPolicy',
            'ResetServiceSpecificCredential',
            'SetDefaultPolicyVersion',
            'UpdateAccessKey',
            'UpdateAssumeRolePolicy',
            'UpdateLoginProfile',
            'UpdateOpenIDConnectProviderThumbprint',
            'UpdateSAMLProvider',
            'UploadSSHPublicKey',
            'UploadSigningCertificate'
        ) as is_lasting,
        coalesce(
            request_parameters ->> '$.roleArn',
            nullif(
                concat_ws(
                    '/', request_parameters ->> '$.bucketName', request_parameters ->> '$.key'
                ),
                ''
            ),
            request_parameters ->> '$.secretId',
            request_parameters ->> '$.functionName',
            request_parameters ->> '$.instanceId',
            request_parameters ->> '$.instancesSet.items[0].instanceId',
            request_parameters ->> '$.groupId',
            request_parameters ->> '$.volumeId',
            request_parameters ->> '$.snapshotId',
            request_parameters ->> '$.tableName',
            request_parameters ->> '$.roleName',
            request_parameters ->> '$.userName',
            request_parameters ->> '$.policyArn',
            request_parameters ->> '$.policyName',
            request_parameters ->> '$.keyId',
            request_parameters ->> '$.name',
            nullif(regexp_extract(error_message, 'on resource: (\S+)', 1), '')
        ) as target
    from calls
    where
        ($since is null or event_time >= $since)
        and ($until is null or event_time < $until)
),

marked as (
    select
        *,
        struct_pack(
            a := event_source,
            b := event_name,
            c := error_code,
            d := user_invoked_by,
            e := source_ip_address,
            f := recipient_account_id
        ) as what
    from judged
    where is_write or is_denied or not coalesce($write_only, false)
),

numbered as (
    select
        *,
        row_number() over by_time - row_number() over (
            partition by hat_id, what
            order by event_time, step, event_id
        ) as run_number
    from marked
    window by_time as (partition by hat_id order by event_time, step, event_id)
),

runs as (
    select
        hat_id,
        what.a as event_source,
        what.b as event_name,
        what.c as error_code,
        what.d as invoked_by,
        what.e as source_ip_address,
        what.f as account_id,
        is_denied,
        step,
        is_lasting,
        bool_or(is_write) as is_write,
        count(*) as calls,
        min(event_time) as first_time,
        max(event_time) as last_time,
        list_sort(list(distinct aws_region) filter (where aws_region is not null)) as regions,
        list_sort(list(distinct target) filter (where target is not null)) as targets,
        arg_min(event_id, (event_time, event_id)) as event_id
    from numbered
    group by hat_id, what, is_denied, step, is_lasting, run_number
),

ranked as (
    select
        *,
        row_number() over (
            partition by hat_id
            order by first_time, step, event_id
        ) as hat_row,
        row_number() over (
            partition by hat_id, event_source, event_name, is_denied
            order by first_time, event_id
        ) as occurrence,
        count(*) over (partition by hat_id) as hat_rows,
        count(*) over () as all_rows,
        count(*) filter (where is_write or is_denied) over (partition by hat_id) as hat_notable,
        sum(calls) over (partition by hat_id)::bigint as hat_calls,
        sum(if(is_denied, calls, 0)) over (partition by hat_id)::bigint as hat_denied
    from runs
),

ordered as (
    select
        *,
        row_number() over (
            partition by hat_id
            order by
                not is_lasting, not (is_write or is_denied), occurrence, first_time, step, event_id
        ) as turn
    from ranked
)

select * exclude (occurrence, turn, step, is_lasting)
from ordered
qualify
    $row_limit is null
    or turn = 1
    or is_lasting
    or row_number() over (
        order by turn > 1, not is_lasting, not (is_write or is_denied), turn, hat_id
    ) <= $row_limit
order by hat_id, hat_row
