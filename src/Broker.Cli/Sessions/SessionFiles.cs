namespace Broker.Cli.Sessions;

/// <summary>One file for each broker, mode 0600.</summary>
internal sealed class SessionFiles : ISessionStore
{
    public string Name => StateFolder.Path;

    public Task KeepAsync(Uri broker, string session, CancellationToken stop)
    {
        StateFolder.Write(NameOf(broker), session);
        return Task.CompletedTask;
    }

    public Task<string?> FindAsync(Uri broker, CancellationToken stop) =>
        Task.FromResult(StateFolder.Read(NameOf(broker)));

    public Task ForgetAsync(Uri broker, CancellationToken stop)
    {
        StateFolder.Delete(NameOf(broker));
        return Task.CompletedTask;
    }

    private static string NameOf(Uri broker) => StateFolder.NameFor(broker, "session") + ".json";
}
