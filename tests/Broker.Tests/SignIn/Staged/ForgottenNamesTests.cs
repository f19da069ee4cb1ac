using Broker.Storage;
using Broker.Tests.Hosting;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.SignIn.Staged;

/// <summary>How long the state database says who signs in.</summary>
public sealed class ForgottenNamesTests
{
    private const string Mailbox = "alice@example.org";

    [Fact]
    public async Task A_confirmed_sign_in_names_its_mailbox_until_its_result_can_no_longer_be_fetched()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync(Mailbox);
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();
        NamesIn(broker).ShouldBe([Mailbox], "once, for the poll");
        (await broker.PollAsync(requested))["status"].ShouldBe("verified");

        broker.Clock.Advance(TimeSpan.FromSeconds(600));
        await Eventually.HoldsAsync(() => NamesIn(broker).Length == 0, Rounds);

        (await broker.PollAsync(requested)).Text.ShouldBe("""{"status":"failed","reason":"expired"}""");
    }

    [Fact]
    public async Task A_link_that_nobody_clicked_is_forgotten_and_stays_void_when_the_clock_is_set_back()
    {
        await using var broker = await MailSignIn.StartAsync();
        var requested = await broker.RequestLinkAsync(Mailbox);
        NamesIn(broker).ShouldBe([Mailbox]);

        await PassAsync(broker, TimeSpan.FromSeconds(600));

        NamesIn(broker).ShouldBeEmpty();
        broker.Clock.AdjustTime(broker.Clock.Now - TimeSpan.FromMinutes(9));
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldRefuse(401, "unauthorized", "email_link_not_valid");
        (await broker.PollAsync(requested)).Text.ShouldBe("""{"status":"failed","reason":"expired"}""");
    }

    [Fact]
    public async Task Those_that_wait_keep_their_names()
    {
        await using var broker = await MailSignIn.StartAsync();
        await broker.RequestLinkAsync("bob@example.org");
        await PassAsync(broker, TimeSpan.FromSeconds(300));
        var requested = await broker.RequestLinkAsync(Mailbox);

        await PassAsync(broker, TimeSpan.FromSeconds(300));

        NamesIn(broker).ShouldBe([Mailbox]);
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();
        (await broker.PollAsync(requested))["identity_value"].ShouldBe(Mailbox);
    }

    /// <summary>The cleaning looks every minute of the machine's clock; a round may take longer on a busy one.</summary>
    private static readonly TimeSpan Rounds = TimeSpan.FromMinutes(3);

    /// <summary>Lets the time pass and has the cleaning's round now, without waiting for its minute.</summary>
    private static Task PassAsync(BrokerApp broker, TimeSpan time)
    {
        broker.Clock.Advance(time);
        return broker.Services.GetServices<IHostedService>().OfType<StateCleaning>().Single()
            .CleanAsync(CancellationToken.None);
    }

    private static string[] NamesIn(BrokerApp broker) =>
        [.. Rows(broker, "TRUE").SelectMany(row => (string?[])[row.Kept, row.Value])
            .OfType<string>().Where(name => name.Length > 0)];

    private static (string Kept, string? Value)[] Rows(BrokerApp broker, string where)
    {
        using var connection = new SqliteConnection($"Data Source={broker.StateFile};Pooling=False");
        return [.. connection.Query<(string, string?)>(
            $"SELECT kept, identity_value FROM staged_sign_ins WHERE {where}", new { Now = broker.Clock.UnixSeconds })];
    }
}
