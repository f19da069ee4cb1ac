using System.CommandLine;
using System.Text.Json.Serialization;
using Broker.Cli.Client;
using Broker.Cli.Terminal;
using Broker.Foundation.Settings;

namespace Broker.Cli.Keys;

/// <summary>
/// <c>brokerctl keys</c>: the operator's commands for the keys that sign. The broker makes the change, and has it on
/// record first.
/// </summary>
internal static class KeysCommands
{
    private const int LongestToken = 4096;

    public static Command Create() => new("keys", "Look at the broker's signing keys, and let others follow them")
    {
        List(),
        Change(
            "rotate", "Announce the next key of a purpose; it signs a day later by itself, and this one retires",
            version: false, (purpose, _) => $"v1/keys/{purpose}/rotate"),
        Change(
            "emergency-rotate", "Let another key sign at once and withdraw the present one, which somebody else may have",
            version: false, (purpose, _) => $"v1/keys/{purpose}/emergency-rotate"),
        Change(
            "retire", "Withdraw a key that does not sign: an announced one, or one that retires",
            version: true, (purpose, version) => $"v1/keys/{purpose}/{version}/retire"),
    };

    private static Command List()
    {
        var (shared, token) = (new ClientOptions(), TokenOption());
        var command = new Command("list", "The keys, their states and times") { token };
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var broker = BrokerConnection.To(shared.Address(parsed));
            var keys = await broker.GetAsync(
                "v1/keys", ReadToken(parsed.GetValue(token)!), KeysJson.Default.ShownKeys, stop);
            var output = parsed.InvocationConfiguration.Output;
            if (shared.IsJson(parsed)) JsonOutput.Write(output, keys, KeysJson.Indented.ShownKeys);
            else Write(keys.Keys, output);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Change(string name, string description, bool version, Func<string, int, string> path)
    {
        var (shared, token) = (new ClientOptions(), TokenOption());
        var purpose = new Argument<string>("PURPOSE") { Description = "oidc, oidc-rs256, session or ledger" };
        purpose.AcceptOnlyFromAmong("oidc", "oidc-rs256", "session", "ledger");
        var which = new Argument<int>("VERSION") { Description = "as brokerctl keys list shows it" };
        var reason = new Option<string>("--reason")
        {
            Description = "why, for the ledger",
            DefaultValueFactory = _ => "by the operator",
            HelpName = "TEXT",
        };
        var command = new Command(name, description) { purpose };
        if (version) command.Arguments.Add(which);
        command.Options.Add(reason);
        command.Options.Add(token);
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var broker = BrokerConnection.To(shared.Address(parsed));
            var key = await broker.PostAsync(
                path(parsed.GetValue(purpose)!, version ? parsed.GetValue(which) : 0),
                ReadToken(parsed.GetValue(token)!), new KeyChangeBody(parsed.GetValue(reason)!),
                KeysJson.Default.KeyChangeBody, KeysJson.Default.ShownKey, stop);
            var output = parsed.InvocationConfiguration.Output;
            if (shared.IsJson(parsed)) JsonOutput.Write(output, key, KeysJson.Indented.ShownKey);
            else Write([key], output);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string> TokenOption() => new("--operator-token-file")
    {
        Description = "file, mode 0600, with the token of BROKER_OPERATOR_TOKEN_FILE",
        Required = true,
        HelpName = "FILE",
    };

    private static string ReadToken(string path)
    {
        try
        {
            return SecretFile.ReadText(path, LongestToken);
        }
        catch (FormatException unusable)
        {
            throw new CommandFailedException($"--operator-token-file: {path} {unusable.Message}", ExitCode.Misuse);
        }
    }

    private static void Write(IReadOnlyList<ShownKey> keys, TextWriter output)
    {
        var table = new Table("PURPOSE", "VERSION", "STATE", "SIGNS FROM", "LEAVES", "KEY");
        foreach (var key in keys)
        {
            table.Add(
                key.Purpose, $"v{key.Version}", key.State, key.SignsAt == 0 ? "the beginning" : Time(key.SignsAt),
                key.WithdrawnAt is { } withdrawn ? Time(withdrawn) : key.EndsAt is { } end ? Time(end) : "-",
                key.KeyId);
        }

        table.Write(output);
    }

    private static string Time(long seconds) => $"{DateTimeOffset.FromUnixTimeSeconds(seconds):u}";
}

internal sealed record KeyChangeBody(string Reason);

/// <summary>A key as the broker shows it. Times are Unix seconds.</summary>
internal sealed record ShownKey(
    string Purpose, int Version, string KeyId, string State, long AnnouncedAt, long SignsAt, long? EndsAt,
    long? WithdrawnAt);

internal sealed record ShownKeys(IReadOnlyList<ShownKey> Keys, string SessionKeysPem);

[JsonSerializable(typeof(KeyChangeBody))]
[JsonSerializable(typeof(ShownKey))]
[JsonSerializable(typeof(ShownKeys))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class KeysJson : JsonSerializerContext
{
    public static KeysJson Indented { get; } = new(new(JsonOutput.Indented)
    {
        PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower,
    });
}
