namespace Broker.Cli.Sessions;

/// <summary>Where sessions are kept between commands: files, or the system's keyring.</summary>
internal interface ISessionStore
{
    /// <summary>For people, without a secret.</summary>
    string Name { get; }

    /// <exception cref="Terminal.CommandFailedException">It cannot be kept; nothing is half kept.</exception>
    Task KeepAsync(Uri broker, string session, CancellationToken stop);

    /// <summary>Null where there is none.</summary>
    /// <exception cref="Terminal.CommandFailedException">What is kept cannot be read.</exception>
    Task<string?> FindAsync(Uri broker, CancellationToken stop);

    /// <summary>Forgets it. Nothing happens where there is none.</summary>
    Task ForgetAsync(Uri broker, CancellationToken stop);
}
