using System.Text.Json.Nodes;
using System.Xml.Linq;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.Sts;

/// <summary>AssumeRoleWithWebIdentity: the parameters beside the token, within and outside their bounds.</summary>
public sealed class WebIdentityParameterTests : IAsyncLifetime
{
    private const string Tags = "https://aws.amazon.com/tags";
    private CloudUnderTest _cloud = null!;

    public async Task InitializeAsync() => _cloud = await CloudUnderTest.StartAsync();

    public async Task DisposeAsync() => await _cloud.DisposeAsync();

    [Theory]
    [InlineData(900, true)]
    [InlineData(899, false)]
    [InlineData(43200, true)]
    [InlineData(43201, false)]
    public async Task Takes_900_to_43200_seconds(int seconds, bool accepted)
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.DurationSeconds = seconds;

        if (!accepted)
        {
            (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("ValidationError");
            return;
        }

        using var sts = _cloud.Sts();
        var answer = await sts.AssumeRoleWithWebIdentityAsync(request);
        answer.Credentials.Expiration!.Value.ShouldBe(DateTime.UtcNow.AddSeconds(seconds), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("with blank")]
    [InlineData("naïve")]
    public async Task Refuses_a_session_name_outside_the_grammar(string name)
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.RoleSessionName = name;

        var (code, message) = await _cloud.RefusalOfAsync(request);

        code.ShouldBe("ValidationError");
        message.ShouldContain("at 'roleSessionName' failed to satisfy constraint");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"Version":"2012-10-17","Statement":[]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}""")]
    [InlineData(
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}""")]
    [InlineData(
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Conditon":{}}]}""")]
    public async Task Refuses_a_session_policy_that_is_not_one(string policy)
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.Policy = policy;

        (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("MalformedPolicyDocument");
    }

    [Fact]
    public async Task Refuses_a_session_policy_of_more_than_2048_characters()
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.Policy = new string(' ', 2049);

        (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("ValidationError");
    }

    [Fact]
    public async Task Refuses_more_policy_and_tags_than_fit()
    {
        var claims = _cloud.Issuer.Claims();
        var tags = claims[Tags]!["principal_tags"]!.AsObject();
        for (var n = 0; n < 30; n++) tags[$"tag{n}"] = new JsonArray(new string('v', 250));

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims))).Code.ShouldBe("PackedPolicyTooLarge");
    }

    [Fact]
    public async Task Names_every_fault_of_the_parameters_at_once()
    {
        using var http = new HttpClient { BaseAddress = _cloud.Host.BaseAddress };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["Action"] = "AssumeRoleWithWebIdentity",
            ["Version"] = "2011-06-15",
            ["RoleArn"] = "short",
            ["RoleSessionName"] = "??",
            ["WebIdentityToken"] = "abc",
            ["DurationSeconds"] = "1",
        });

        using var answer = await http.PostAsync("/", form);

        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        var error = XElement.Parse(await answer.Content.ReadAsStringAsync());
        XNamespace sts = "https://sts.amazonaws.com/doc/2011-06-15/";
        error.Element(sts + "Error")!.Element(sts + "Code")!.Value.ShouldBe("ValidationError");
        error.Element(sts + "Error")!.Element(sts + "Message")!.Value.ShouldStartWith("4 validation errors detected: ");
    }
}
