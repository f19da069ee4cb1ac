using System.Globalization;
using System.Net;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary>
/// <c>GET /v1/aws/credentials</c>, the container credentials endpoint of AWS's SDKs: its form, whom it serves, and that
/// processes of one actor share what STS gave while each answer is on record.
/// </summary>
public sealed class ContainerCredentialsTests : IAsyncLifetime
{
    private const string Path = "/v1/aws/credentials";

    private readonly Wallet _wallet = new();
    private BrokerApp _broker = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _broker = await BrokerApp.StartAsync();
        _session = await _broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        _wallet.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Answers_the_exact_form_of_the_sdks_for_an_hour()
    {
        var answer = (await GetAsync(Path)).ShouldBeOk();

        answer.Json.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"]);
        answer["AccountId"].ShouldBe("123456789012");
        answer["Expiration"].ShouldBe(
            _broker.Clock.Now.AddHours(1).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        answer.Header("Cache-Control").ShouldBe("no-store");
        _broker.Sts.Secrets.ShouldBe([answer["SecretAccessKey"]!, answer["Token"]!]);

        var row = _broker.RowOf(answer);
        (row.Kind, row.Outcome, row.RequestedRole).ShouldBe(("aws_credentials", "ok", BrokerApp.DataRole));
        row.AccessKeyId.ShouldBe(answer["AccessKeyId"]);
        row.RecordId.ShouldBe(answer.Header("AgentKeys-Audit-Record-Id"));
        row.StsSessionName.ShouldBe(_broker.Sts.LastCall["RoleSessionName"]);
    }

    [Theory]
    [InlineData("Bearer {0}")]
    [InlineData("bearer  {0}")]
    [InlineData("{0}")]
    public async Task The_token_may_stand_alone_in_the_header(string header)
    {
        (await GetAsync(Path, string.Format(CultureInfo.InvariantCulture, header, _session))).ShouldBeOk();
    }

    [Fact]
    public async Task A_session_that_does_not_hold_is_told_so_with_a_message()
    {
        (await GetAsync(Path, "nonsense")).ShouldRefuse(401, "unauthorized", "legacy_bearer_not_accepted");
        var none = await _broker.GetAsync(Path);
        none.ShouldRefuse(401, "unauthorized", "missing_bearer");
        none["message"].ShouldNotBeNullOrEmpty();
        none.Header("Cache-Control").ShouldBe("no-store");
        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/vault", BrokerApp.VaultRole)]
    [InlineData("?role=vault", BrokerApp.VaultRole)]
    [InlineData("/vault?role=vault", BrokerApp.VaultRole)]
    [InlineData("?role=" + BrokerApp.VaultRole, BrokerApp.VaultRole)]
    [InlineData("/data", BrokerApp.DataRole)]
    public async Task The_path_or_the_query_selects_the_role(string rest, string arn)
    {
        (await GetAsync(Path + rest)).ShouldBeOk();
        _broker.Sts.LastCall["RoleArn"].ShouldBe(arn);
    }

    [Theory]
    [InlineData("/nobodys", "role_not_in_catalogue")]
    [InlineData("?role=arn:aws:iam::999999999999:role/free", "role_not_in_catalogue")]
    [InlineData("?role=", "role_not_in_catalogue")]
    [InlineData("/vault?role=data", "invalid_field")]
    [InlineData("?role=vault&role=vault", "invalid_field")]
    [InlineData("?duration_seconds=899", "lifetime_out_of_bounds")]
    [InlineData("?duration_seconds=-900", "invalid_field")]
    [InlineData("?reason=", "invalid_field")]
    public async Task Another_role_or_a_wrong_wish_is_400_and_asks_nobody(string rest, string code)
    {
        var refused = await GetAsync(Path + rest);

        ((int)refused.Status).ShouldBe(400, refused.Text);
        refused["code"].ShouldBe(code);
        _broker.RowOf(refused).Outcome.ShouldBe("bad_request");
        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_hundred_at_once_cause_one_call_for_each_actor_and_role_and_one_entry_for_each_answer()
    {
        using var other = new Wallet();
        string[] sessions = [_session, await _broker.SignInAsync(other)];
        string[] roles = ["data", "vault"];
        var before = _broker.MintLog().Count;

        var answers = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(n => GetAsync($"{Path}/{roles[n % 2]}", sessions[n / 2 % 2])));

        foreach (var answer in answers) answer.ShouldBeOk();
        _broker.Sts.Calls.Count.ShouldBe(4);
        var rows = _broker.MintLog().Skip(before).ToList();
        rows.Count.ShouldBe(200);
        rows.ShouldAllBe(row => row.Kind == "aws_credentials" && row.Outcome == "ok");
        rows.Select(row => row.RecordId).Order()
            .ShouldBe(answers.Select(answer => answer.Header("AgentKeys-Audit-Record-Id")!).Order());
        foreach (var answer in answers) _broker.RowOf(answer).AccessKeyId.ShouldBe(answer["AccessKeyId"]);

        // Shared or not, the entry names the session that AWS knows, and whose fetch it was.
        var names = _broker.Sts.Calls.Select(call => call["RoleSessionName"]).ToHashSet();
        rows.ShouldAllBe(row => names.Contains(row.StsSessionName));
        rows.Count(row => row.Evidence.Contains("fetched_for", StringComparison.Ordinal)).ShouldBe(196);
    }

    [Fact]
    public async Task Credentials_are_shared_until_half_their_time_and_never_given_near_their_end()
    {
        var first = (await GetAsync(Path))["AccessKeyId"];
        _broker.Clock.Advance(TimeSpan.FromMinutes(29));
        (await GetAsync(Path))["AccessKeyId"].ShouldBe(first);

        // Past the half: the one who comes renews them, ahead of need.
        _broker.Clock.Advance(TimeSpan.FromMinutes(2));
        var second = (await GetAsync(Path))["AccessKeyId"];
        second.ShouldNotBe(first);

        // STS fails while they last: the old ones serve. When they are too near their end, nothing does.
        _broker.Clock.Advance(TimeSpan.FromMinutes(31));
        _broker.Sts.Reply = _ => StsReply.Error(403, "AccessDenied", "no");
        (await GetAsync(Path)).ShouldBeOk()["AccessKeyId"].ShouldBe(second);
        _broker.Clock.Advance(TimeSpan.FromMinutes(14));
        ((int)(await GetAsync(Path)).Status).ShouldBe(502);

        _broker.Sts.Reply = _broker.Sts.Grant;
        (await GetAsync(Path)).ShouldBeOk()["AccessKeyId"].ShouldNotBe(second);
    }

    [Fact]
    public async Task Nine_hundred_seconds_are_renewed_before_they_end()
    {
        var seen = new HashSet<string>();
        for (var minute = 0; minute < 60; minute += 5)
        {
            var answer = (await GetAsync($"{Path}?duration_seconds=900")).ShouldBeOk();
            DateTimeOffset.Parse(answer["Expiration"]!, CultureInfo.InvariantCulture)
                .ShouldBeGreaterThan(_broker.Clock.Now + TimeSpan.FromMinutes(5));
            seen.Add(answer["AccessKeyId"]!);
            _broker.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        seen.Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_slow_sts_is_answered_within_the_patience_of_sdks_and_the_fetch_serves_the_next()
    {
        Task<Answer> slow;
        using (_broker.Sts.Hold())
        {
            slow = GetAsync(Path);
            await _broker.Sts.WaitForCallsAsync(1);
            var refused = (await slow).ShouldRefuse(503, "sts_error", "sts_slow");
            refused.Header("Retry-After").ShouldNotBeNull();
        }

        (await GetAsync(Path)).ShouldBeOk();
        _broker.Sts.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_ended_session_gets_nothing_of_what_is_kept()
    {
        (await GetAsync(Path)).ShouldBeOk();
        (await _broker.PostAsync("/v1/auth/session/end", bearer: _session)).ShouldBe204();

        var refused = await GetAsync(Path);

        refused.ShouldRefuse(401, "unauthorized", "session_revoked").ShouldHoldNoCredential(_broker.Sts);
    }

    [Fact]
    public async Task Head_says_whether_there_would_be_credentials_and_issues_none()
    {
        var rows = _broker.MintLog().Count;
        using var head = new HttpRequestMessage(HttpMethod.Head, Path);

        (await _broker.SendAsync(head, _session)).Status.ShouldBe(HttpStatusCode.OK);

        _broker.Sts.Calls.ShouldBeEmpty();
        _broker.MintLog().Count.ShouldBe(rows);
        using var wrong = new HttpRequestMessage(HttpMethod.Head, Path + "/nobodys");
        (await _broker.SendAsync(wrong, _session)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_reason_is_on_record()
    {
        var answer = (await GetAsync($"{Path}?reason=nightly%20report%20%E2%9C%93")).ShouldBeOk();

        JsonElement.Parse(_broker.RowOf(answer).Evidence).GetProperty("reason").GetString()
            .ShouldBe("nightly report ✓");
    }

    private Task<Answer> GetAsync(string path, string? authorization = null) =>
        _broker.GetAsync(path, ("Authorization", authorization ?? _session));
}
