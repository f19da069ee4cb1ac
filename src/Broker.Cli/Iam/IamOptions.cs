using System.CommandLine;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.Iam;

/// <summary>
/// Whose policies are wanted: those of the caller's roles, as the broker lists them; or of a role that
/// <c>--account</c> and <c>--role</c> name, which needs no session.
/// </summary>
internal sealed class IamOptions
{
    private const int LongestSession = 43_200;

    private readonly ClientOptions _shared = new();
    private readonly Option<string?> _role = new("--role")
    {
        Description = "the role, by name or ARN; all of yours when left out. With --account: its name in IAM",
    };

    private readonly Option<string?> _issuer = new("--issuer")
    {
        Description = "the issuer; the one that the broker's discovery document names when left out",
        HelpName = "URL",
    };

    private readonly Option<string?> _account = new("--account")
    {
        Description = "an AWS account: then no session is needed",
        HelpName = "ID",
    };

    private readonly Option<string> _partition = new("--partition")
    {
        Description = "with --account: aws, aws-cn, aws-us-gov, …",
        DefaultValueFactory = _ => "aws",
    };

    private readonly Option<string?> _bucket = new("--bucket")
    {
        Description = "the bucket; the one that the broker has for the role when left out",
    };

    private readonly Option<string?> _via = new("--via")
    {
        Description = "with --account: the role that is assumed first, and is trusted in place of the issuer",
        HelpName = "ARN",
    };

    private readonly Option<bool> _mail = new("--mail")
    {
        Description = "with --account: open bots/<wallet>/ too, as the mail bucket needs it",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _role, _issuer, _account, _partition, _bucket, _via, _mail })
            command.Options.Add(option);
        _shared.AddTo(command);
        command.Validators.Add(given =>
        {
            if (given.GetResult(_account) is not null) return;
            foreach (var option in new Option[] { _partition, _via, _mail })
            {
                if (given.GetResult(option) is { Implicit: false })
                    given.AddError($"{option.Name} belongs to --account");
            }
        });
    }

    public bool IsJson(ParseResult parsed) => _shared.IsJson(parsed);

    /// <summary>The issuer byte for byte: what stands in the tokens.</summary>
    public async Task<string> IssuerAsync(ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(_issuer) is { Length: > 0 } given) return given;
        using var broker = BrokerConnection.To(_shared.Address(parsed));
        var discovery = await broker.GetAsync(
            ".well-known/openid-configuration", null, ClientJson.Default.JsonObject, stop);
        return discovery["issuer"] is { } issuer && issuer.GetValueKind() == System.Text.Json.JsonValueKind.String
            ? issuer.GetValue<string>()
            : throw new CommandFailedException($"{broker.Address} names no issuer; give --issuer");
    }

    /// <param name="needsRole">False where the account alone matters.</param>
    public async Task<IReadOnlyList<IamRole>> RolesAsync(ParseResult parsed, bool needsRole, CancellationToken stop)
    {
        var wanted = parsed.GetValue(_role);
        if (parsed.GetValue(_account) is { } account)
        {
            if (wanted is null && needsRole)
                throw new CommandFailedException("--account needs --role NAME too", ExitCode.Misuse);
            return [new IamRole(
                parsed.GetValue(_partition)!, account, wanted ?? "", parsed.GetValue(_bucket), parsed.GetValue(_via),
                parsed.GetValue(_mail), parsed.GetValue(_via) is null ? LongestSession : 3600, [])];
        }

        var all = (await ListAsync(parsed, stop)).All;
        var chosen = all.Where(role => wanted is null || role.Name == wanted || role.Arn == wanted).ToList();
        if (chosen.Count == 0)
        {
            throw new CommandFailedException(wanted is null
                ? "the broker has no role configured; give --account and --role"
                : $"the broker has no role {wanted}; it has {string.Join(", ", all.Select(role => role.Name))}");
        }

        return [.. chosen.Select(role => Role(role, all, parsed.GetValue(_bucket)))];
    }

    private async Task<Client.Roles> ListAsync(ParseResult parsed, CancellationToken stop)
    {
        var url = _shared.Address(parsed);
        using var broker = BrokerConnection.To(url);
        try
        {
            var token = await SessionKeeper.Create().TokenAsync(url, stop);
            return await broker.GetAsync("v1/roles", token, ClientJson.Default.Roles, stop);
        }
        catch (NotSignedInException none)
        {
            throw new CommandFailedException(
                $"{none.Message}; without a session name the role: --account ID --role NAME --bucket BUCKET",
                cause: none);
        }
    }

    private static IamRole Role(Role role, IReadOnlyList<Role> all, string? bucket) => IamRole.Split(role.Arn) is var (
        partition, account, name)
        ? new IamRole(
            partition, account, name, bucket ?? role.Bucket, role.Via, role.IsDefault,
            Math.Clamp(role.MaxDurationSeconds, 3600, LongestSession),
            [.. all.Where(next => next.Via == role.Arn).Select(next => next.Arn)])
        : throw new CommandFailedException($"the broker calls \"{role.Arn}\" a role, which is no role's ARN");
}
