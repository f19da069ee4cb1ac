using System.CommandLine;
using System.Text.Json.Serialization;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tokens;

/// <summary>What <c>brokerctl token --json</c> prints.</summary>
/// <param name="Jwt">Null where it went to a file.</param>
internal sealed record TokenAnswer(
    string? Jwt, string? File, DateTimeOffset ExpiresAt, string Wallet, string AuditRecordId)
{
    public override string ToString() => AuditRecordId;
}

/// <summary>
/// <c>brokerctl token</c>: an OIDC token, printed or written to a file; with <c>--refresh</c> the file is kept fresh
/// for as long as the command runs, for <c>AWS_WEB_IDENTITY_TOKEN_FILE</c>.
/// </summary>
internal static class TokenCommand
{
    public static Command Create()
    {
        var options = new TokenOptions();
        var file = new Option<string?>("--file")
        {
            Description = "write the token there, mode 0600, and print nothing of it",
            HelpName = "FILE",
        };
        var refresh = new Option<bool>("--refresh")
        {
            Description = "with --file: go on, and replace the token when half of its time is over",
        };
        var shared = new ClientOptions();
        var command = new Command("token", "Print an OIDC token, or keep one fresh in a file") { file, refresh };
        options.AddTo(command);
        shared.AddTo(command);
        command.Validators.Add(given =>
        {
            if (given.GetResult(refresh) is { Implicit: false } && given.GetResult(file) is null)
                given.AddError("--refresh goes with --file");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var wish = options.Wish(parsed);
            var keeper = SessionKeeper.Create();
            using var broker = BrokerConnection.To(url);
            var settings = parsed.InvocationConfiguration;
            if (parsed.GetValue(file) is not { } path)
            {
                var token = await MintAsync(stop);
                Write(settings.Output, shared.IsJson(parsed), token, null);
                return ExitCode.Ok;
            }

            var kept = new TokenFile(path, MintAsync, settings.Error, TimeProvider.System);
            Write(settings.Output, shared.IsJson(parsed), await kept.WriteAsync(stop), kept.Path);
            if (parsed.GetValue(refresh)) await kept.RefreshAsync(stop);
            return ExitCode.Ok;

            // The session is looked up each time: after `brokerctl login` the new one serves.
            async Task<OidcToken> MintAsync(CancellationToken ended) => await broker.PostAsync(
                "v1/mint-oidc-jwt?receipt=none", await keeper.TokenAsync(url, ended), wish,
                ClientJson.Default.MintTokenBody, ClientJson.Default.OidcToken, ended);
        });
        return command;
    }

    private static void Write(TextWriter output, bool json, OidcToken token, string? file)
    {
        if (json)
        {
            var answer = new TokenAnswer(
                file is null ? token.Jwt : null, file, token.ExpiresAt, token.Wallet, token.AuditRecordId);
            JsonOutput.Write(output, answer, TokenJson.Indented.TokenAnswer);
        }
        else if (file is null)
        {
            output.WriteLine(token.Jwt);
        }

        output.Flush();
    }
}

/// <summary>What is asked of the broker.</summary>
internal sealed class TokenOptions
{
    private readonly Option<string?> _role = new("--role")
    {
        Description = "pin the token to one role, by name or ARN",
    };

    private readonly Option<string?> _audience = new("--audience")
    {
        Description = "whom the token is for; sts.amazonaws.com when left out",
    };

    private readonly Option<int?> _lifetime = new("--ttl")
    {
        Description = "lifetime, 60 to 3600; the broker's usual one when left out",
        HelpName = "SECONDS",
    };

    private readonly Option<string?> _reason = new("--reason")
    {
        Description = "what for, in 1 to 200 characters; it goes on record",
        HelpName = "TEXT",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_role);
        command.Options.Add(_audience);
        command.Options.Add(_lifetime);
        command.Options.Add(_reason);
    }

    public MintTokenBody Wish(ParseResult parsed) => new(
        parsed.GetValue(_role), parsed.GetValue(_lifetime), parsed.GetValue(_audience), parsed.GetValue(_reason));
}

[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class TokenJson : JsonSerializerContext
{
    public static TokenJson Indented { get; } = new(new(JsonOutput.Indented)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
