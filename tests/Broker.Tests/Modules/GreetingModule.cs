using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Metrics;
using Broker.Modules;
using Broker.Refusals;
using Broker.Storage;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Modules;

/// <summary>
/// A throwaway feature: a route with a setting, a table, a refusal, a kind of entry, a metric and a readiness check. It
/// stands in this one file, and whoever adds it to the list of modules has added all of it.
/// </summary>
internal sealed class GreetingModule : BrokerModule
{
    public static readonly RefusalCode NobodyToGreet = Refused.BadRequest("nobody_to_greet", "Send ?name=, not empty.");

    private static readonly Setting<string> Word = new(
        "BROKER_GREETING_WORD", "Greetings", "What is said.", SettingForms.Text(32))
    {
        Default = "hello",
        Form = "at most 32 printable characters",
        Anchor = "greetings",
    };

    private static readonly EntryKind Kind = new("greeting");

    public override IReadOnlyList<Setting> Settings => [Word];

    public override IReadOnlyList<EntryKind> EntryKinds => [Kind];

    public override IReadOnlyList<RefusalCode> Refusals => [NobodyToGreet];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("greetings/0001-greeted", """
            CREATE TABLE IF NOT EXISTS greeted (
                name       TEXT PRIMARY KEY,
                expires_at INTEGER NOT NULL
            ) STRICT;
            """)
        {
            Expiring = "greeted",
        },
    ];

    public override void Read(ModuleStart start) => start.Read(boot => new Options(boot.Read(Word)));

    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddSingleton<Greetings>();

    public override void Map(WebApplication app) => app.MapGet("/greeting", GreetAsync);

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services) =>
        [new("greetings", Readiness.Degraded, "nobody is awake")];

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        [services.GetRequiredService<Greetings>().Greeted];

    private static async Task<IResult> GreetAsync(
        HttpContext http, Attempts attempts, Options options, Greetings greetings, StateDatabase state)
    {
        var attempt = attempts.Begin(http, Kind, "greeting");
        if (http.Request.Query["name"] is not [{ Length: > 0 } name])
            return await attempt.RefuseAsync(new Refusal(NobodyToGreet, "name must be given once"));

        using var connection = state.Connect();
        connection.Execute("INSERT OR REPLACE INTO greeted (name, expires_at) VALUES (@Name, 1)", new { Name = name });
        greetings.Greeted.Add(1);
        return TypedResults.Text($"{options.Word} {name}");
    }

    private sealed record Options(string Word);

    private sealed class Greetings(Meter meter)
    {
        public Counter<long> Greeted { get; } = meter.Counter("agentkeys_broker_greetings_total", "Greetings.");
    }
}
