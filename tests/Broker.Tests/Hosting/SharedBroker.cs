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
