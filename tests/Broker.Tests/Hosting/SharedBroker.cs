namespace Broker.Tests.Hosting;

/// <summary>
/// One broker for all tests of a class, where what one test leaves behind does not matter to the next.
/// </summary>
public sealed class SharedBroker : IAsyncLifetime
{
    public BrokerApp App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await BrokerApp.StartAsync();

    public async Task DisposeAsync() => await App.DisposeAsync();
}

/// <summary>The same, with every way to sign in; in development mode, in which mails stay in the process.</summary>
public sealed class SharedMailBroker : IAsyncLifetime
{
    public BrokerApp App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await MailSignIn.StartAsync();

    public async Task DisposeAsync() => await App.DisposeAsync();
}
