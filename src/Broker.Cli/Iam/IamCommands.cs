using System.CommandLine;
using System.Text.Json.Nodes;
using Broker.Cli.Terminal;

namespace Broker.Cli.Iam;

/// <summary>
/// <c>brokerctl iam</c>: what AWS is told so that it trusts this broker, for this issuer and the caller's roles. It
/// prints and changes nothing: the output is a script for a shell with an administrator's credentials, and with
/// <c>--json</c> the document alone.
/// </summary>
internal static class IamCommands
{
    private const string PolicyName = "agentkeys-own-prefix";

    public static Command Create() => new("iam", "Print what AWS is told so that it trusts this broker")
    {
        Provider(), TrustPolicy(), BucketPolicy(), RolePolicy(),
    };

    private static Command Provider()
    {
        var options = new IamOptions();
        var command = new Command("provider", "The issuer as an identity provider, once for each account");
        options.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var issuer = await IssuerAsync(options, parsed, stop);
            var document = PolicyDocuments.Provider(issuer);
            if (options.IsJson(parsed)) return Print(parsed, ShellScript.Indented(document) + "\n");
            var roles = await options.RolesAsync(parsed, needsRole: false, stop);
            var script = new ShellScript();
            var trusting = roles.Where(role => role.Via is null);
            foreach (var arn in trusting.Select(role => role.ProviderArn(issuer)).Distinct())
            {
                script
                    .Say($"The provider {arn}.")
                    .Say("Is one there with another spelling of the address? Delete it: AWS compares byte for byte.")
                    .Run("aws", "iam", "list-open-id-connect-providers")
                    .WriteFile("provider.json", document)
                    .Run("aws", "iam", "create-open-id-connect-provider", "--cli-input-json", "file://provider.json")
                    .Run("aws", "iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", arn)
                    .Gap();
            }

            return Print(parsed, script.ToString());
        });
        return command;
    }

    private static Command TrustPolicy()
    {
        var options = new IamOptions();
        var pin = new Option<bool>("--require-role-pin")
        {
            Description = "only tokens that name this very role (sts:RoleAuthorizedByIdp)",
        };
        var command = new Command("trust-policy", "Who may assume the role: the broker's tokens") { pin };
        options.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var issuer = await IssuerAsync(options, parsed, stop);
            return await PrintAsync(
                options, parsed, role => PolicyDocuments.Trust(role, issuer, parsed.GetValue(pin)), CreateRole, stop);
        });
        return command;

        static void CreateRole(ShellScript script, IamRole role, JsonObject document)
        {
            var file = $"{role.Name}.trust.json";
            script
                .Say(role.Via is { } via ? $"{role.Arn} trusts {via}." : $"{role.Arn} trusts the broker's tokens.")
                .WriteFile(file, document)
                .Run([
                    "aws", "iam", "create-role", "--role-name", role.Name,
                    .. role.Path is { } path ? new[] { "--path", path } : [],
                    "--max-session-duration", $"{role.LongestSessionSeconds}",
                    "--assume-role-policy-document", $"file://{file}",
                ])
                .Say($"Where the role is there: aws iam update-assume-role-policy --role-name {role.Name} "
                    + $"--policy-document file://{file}")
                .Gap();
        }
    }

    private static Command BucketPolicy()
    {
        var options = new IamOptions();
        var command = new Command("bucket-policy", "What the role's sessions reach, as the bucket says it");
        options.AddTo(command);
        command.SetAction(async (parsed, stop) => await PrintAsync(
            options, parsed, role => role.Bucket is null ? null : PolicyDocuments.Bucket(role), PutPolicy, stop));
        return command;

        static void PutPolicy(ShellScript script, IamRole role, JsonObject document)
        {
            var file = $"{role.Bucket}.policy.json";
            script
                .Say($"Sessions of {role.Name} reach their own prefix. Merge what the bucket's policy has: it is replaced.")
                .WriteFile(file, document)
                .Run("aws", "s3api", "put-bucket-policy", "--bucket", role.Bucket!, "--policy", $"file://{file}")
                .Gap();
        }
    }

    private static Command RolePolicy()
    {
        var options = new IamOptions();
        var command = new Command("role-policy", "What the role's sessions reach, as the role says it");
        options.AddTo(command);
        command.SetAction(async (parsed, stop) => await PrintAsync(
            options, parsed,
            role => role is { Bucket: null, NextRoles.Count: 0 } ? null : PolicyDocuments.RolePolicy(role), PutPolicy,
            stop));
        return command;

        static void PutPolicy(ShellScript script, IamRole role, JsonObject document)
        {
            var file = $"{role.Name}.policy.json";
            script
                .Say($"What {role.Name} may do. Other policies of the role open more: look for them.")
                .WriteFile(file, document)
                .Run("aws", "iam", "put-role-policy", "--role-name", role.Name, "--policy-name", PolicyName,
                    "--policy-document", $"file://{file}")
                .Run("aws", "iam", "list-role-policies", "--role-name", role.Name)
                .Run("aws", "iam", "list-attached-role-policies", "--role-name", role.Name)
                .Gap();
        }
    }

    /// <param name="make">Null where the role has nothing that such a document would be about.</param>
    private static async Task<int> PrintAsync(
        IamOptions options, ParseResult parsed, Func<IamRole, JsonObject?> make,
        Action<ShellScript, IamRole, JsonObject> explain, CancellationToken stop)
    {
        var roles = await options.RolesAsync(parsed, needsRole: true, stop);
        if (roles.Count > 1 && options.IsJson(parsed))
        {
            throw new CommandFailedException(
                $"--json prints one document; choose with --role: {string.Join(", ", roles.Select(one => one.Arn))}",
                ExitCode.Misuse);
        }

        var script = new ShellScript();
        foreach (var role in roles)
        {
            if (make(role) is { } document)
            {
                if (options.IsJson(parsed)) return Print(parsed, ShellScript.Indented(document) + "\n");
                explain(script, role, document);
            }
            else if (roles.Count == 1)
            {
                throw new CommandFailedException(
                    $"no bucket is known for {role.Arn}; give --bucket", ExitCode.Misuse);
            }
        }

        return Print(parsed, script.ToString());
    }

    private static async Task<string> IssuerAsync(IamOptions options, ParseResult parsed, CancellationToken stop)
    {
        var issuer = await options.IssuerAsync(parsed, stop);
        if (IssuerName.Fault(issuer) is { } fault)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(
                $"brokerctl: note: AWS does not take the issuer {issuer}, for {fault}; a local cloud may");
        }

        return issuer;
    }

    private static int Print(ParseResult parsed, string text)
    {
        parsed.InvocationConfiguration.Output.Write(text);
        return ExitCode.Ok;
    }
}
