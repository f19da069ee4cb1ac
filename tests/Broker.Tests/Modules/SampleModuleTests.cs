using Broker.Tests.Boot;
using Broker.Tests.Hosting;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.Modules;

/// <summary>
/// A feature is its own folder and one line of the list of modules: everything that is told of features is told of a
/// new one too.
/// </summary>
public sealed class SampleModuleTests
{
    [Fact]
    public async Task Its_route_its_setting_its_table_its_refusal_its_metric_and_its_readiness_are_served()
    {
        await using var broker = await BrokerApp.StartWithAsync(
            [.. BrokerModules.All, new GreetingModule()], ("BROKER_GREETING_WORD", "good day"));

        (await broker.GetAsync("/greeting?name=Ada")).ShouldBeOk().Text.ShouldBe("good day Ada");
        var refused = await broker.GetAsync("/greeting");
        refused.Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        refused["code"].ShouldBe("nobody_to_greet");
        refused["next_step"].ShouldBe("Send ?name=, not empty.");
        (await broker.GetAsync("/metrics")).Text.ShouldContain("\nagentkeys_broker_greetings_total 1\n");
        (await broker.GetAsync("/readyz")).Text.ShouldContain("nobody is awake");
        (await broker.GetAsync("/openapi/v1.json")).Text.ShouldContain("\"/greeting\"");
        broker.MintLog()[^1].Outcome.ShouldBe("bad_request");

        using var state = new SqliteConnection($"Data Source={broker.StateFile};Mode=ReadOnly;Pooling=False");
        state.Open();
        using var greeted = state.CreateCommand();
        greeted.CommandText = "SELECT name FROM greeted";
        greeted.ExecuteScalar().ShouldBe("Ada");
    }

    [Fact]
    public async Task A_bad_value_of_its_setting_stops_the_start_and_the_example_prints_it()
    {
        EnvironmentExample.Print([.. BrokerModules.All, new GreetingModule()])
            .ShouldContain("# === Greetings ===\n\n# What is said.\n# Form: at most 32 printable characters");

        (await BootFailure.OfStartAsync(
            [.. BrokerModules.All, new GreetingModule()], ("BROKER_GREETING_WORD", new string('x', 33))))
            .ShouldContain("BOOT_FAIL: BROKER_GREETING_WORD=");
    }
}
