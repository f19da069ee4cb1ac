using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.SignIn;

/// <summary>What <c>login</c> and <c>whoami</c> print. Never the token.</summary>
/// <param name="KeptIn">Null where the token came by the environment.</param>
internal sealed record SessionAnswer(
    string BrokerUrl, string OmniAccount, string? WalletAddress, string? IdentityType, string? IdentityValue,
    DateTimeOffset? ExpiresAt, string? KeptIn);

internal static class SessionText
{
    public static void Write(ParseResult parsed, ClientOptions options, StoredSession session, string keptIn) =>
        Write(parsed, options, new SessionAnswer(
            session.BrokerUrl, session.OmniAccount, session.WalletAddress, session.IdentityType, session.IdentityValue,
            session.EndsAt, keptIn));

    public static void Write(ParseResult parsed, ClientOptions options, SessionAnswer session)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (options.IsJson(parsed))
        {
            JsonOutput.Write(output, session, SessionAnswerJson.Indented.SessionAnswer);
            return;
        }

        output.WriteLine($"broker     {session.BrokerUrl}");
        output.WriteLine($"actor      {session.OmniAccount}");
        if (session.WalletAddress is { } wallet) output.WriteLine($"wallet     {wallet}");
        if (session.IdentityType is { } type) output.WriteLine($"signed in  by {type} as {session.IdentityValue}");
        if (session.ExpiresAt is { } until)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"until      {until:u}"));
        output.WriteLine($"kept in    {session.KeptIn ?? SessionKeeper.TokenVariable}");
    }
}

[JsonSerializable(typeof(SessionAnswer))]
internal sealed partial class SessionAnswerJson : JsonSerializerContext
{
    public static SessionAnswerJson Indented { get; } = new(JsonOutput.Indented);
}
