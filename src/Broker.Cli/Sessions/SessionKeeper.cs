using System.Text;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Sessions;

/// <summary>
/// The session of a command: <c>AGENTKEYS_SESSION_TOKEN</c> wins over what <c>brokerctl login</c> keeps.
/// <c>AGENTKEYS_SESSION_STORE</c> is <c>file</c> or <c>keyring</c>; unset, the keyring where there is one.
/// </summary>
internal sealed class SessionKeeper(ISessionStore store, TimeProvider time)
{
    public const string TokenVariable = "AGENTKEYS_SESSION_TOKEN";
    public const string StoreVariable = "AGENTKEYS_SESSION_STORE";

    /// <summary>Holds no secret: the address of the last sign-in.</summary>
    private const string LastBroker = "broker-url";

    public string StoreName => store.Name;

    /// <exception cref="CommandFailedException">The variable names no store.</exception>
    public static SessionKeeper Create() => new(
        Environment.GetEnvironmentVariable(StoreVariable) switch
        {
            null or "" => Keyring.IsThere ? new Keyring() : new SessionFiles(),
            "file" => new SessionFiles(),
            "keyring" => new Keyring(),
            _ => throw new CommandFailedException($"{StoreVariable} must be file or keyring", ExitCode.Misuse),
        },
        TimeProvider.System);

    /// <summary>True where the token comes by the environment, whatever is kept.</summary>
    public static bool IsGiven => Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 };

    /// <summary>The address of the last sign-in; null where there was none.</summary>
    public static string? LastAddress() => StateFolder.Read(LastBroker)?.Trim();

    /// <summary>The token to call this broker with.</summary>
    /// <exception cref="CommandFailedException">There is none, or it has ended.</exception>
    public async Task<string> TokenAsync(Uri broker, CancellationToken stop)
    {
        if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } given) return given.Trim();
        return (await FindAsync(broker, stop) ?? throw new NotSignedInException($"not signed in at {broker}")).Token;
    }

    /// <summary>The kept session; null where there is none.</summary>
    /// <exception cref="CommandFailedException">It has ended, or cannot be read.</exception>
    public async Task<StoredSession?> FindAsync(Uri broker, CancellationToken stop)
    {
        if (await store.FindAsync(broker, stop) is not { } text) return null;
        try
        {
            var session = StrictJson.Deserialize(Encoding.UTF8.GetBytes(text), SessionJson.Default.StoredSession);
            return session.EndsAt > time.GetUtcNow()
                ? session
                : throw new NotSignedInException($"the session at {broker} ended at {session.EndsAt:u}");
        }
        catch (JsonException)
        {
            throw new NotSignedInException($"what {store.Name} holds for {broker} is no session");
        }
    }

    public async Task KeepAsync(Uri broker, StoredSession session, CancellationToken stop)
    {
        await store.KeepAsync(broker, JsonSerializer.Serialize(session, SessionJson.Default.StoredSession), stop);
        StateFolder.Write(LastBroker, broker.AbsoluteUri + "\n");
    }

    /// <summary>
    /// What was the last sign-in before the one at <paramref name="ended"/> is it again; a later one stays.
    /// </summary>
    public static void GoBackTo(string? before, Uri ended)
    {
        if (LastAddress() != ended.AbsoluteUri) return;
        if (before is null) StateFolder.Delete(LastBroker);
        else StateFolder.Write(LastBroker, before + "\n");
    }

    public Task ForgetAsync(Uri broker, CancellationToken stop) => store.ForgetAsync(broker, stop);
}

/// <summary>There is no session to go on with.</summary>
internal sealed class NotSignedInException(string why) : CommandFailedException(why)
{
    public override string Code => "not_signed_in";

    public override string NextStep =>
        $"run: brokerctl login --wallet KEYFILE (or --email, --device), or set {SessionKeeper.TokenVariable}";
}
