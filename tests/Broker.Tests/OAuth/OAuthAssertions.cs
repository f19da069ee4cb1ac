using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

internal static class OAuthAssertions
{
    private static readonly string[] Members = ["error", "error_description", "code", "next_step", "request_id"];

    /// <summary>RFC 6749 §5.2 with our stable code and next step, never kept by a cache, and no token.</summary>
    public static Answer ShouldRefuseAsOAuth(this Answer answer, int status, string error, string code)
    {
        ((int)answer.Status).ShouldBe(status, answer.Text);
        answer["error"].ShouldBe(error, answer.Text);
        answer["code"].ShouldBe(code, answer.Text);
        answer.Json.EnumerateObject().Select(member => member.Name).ShouldBe(Members);
        answer["error_description"]!.ShouldAllBe(c => c >= ' ' && c <= '~' && c != '"' && c != '\\');
        answer["next_step"].ShouldNotBeNullOrEmpty();
        answer.Header("Cache-Control").ShouldBe("no-store");
        answer.Text.ShouldNotContain("eyJ");
        return answer;
    }
}
