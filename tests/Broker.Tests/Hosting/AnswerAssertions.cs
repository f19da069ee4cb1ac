using System.Net;
using System.Text.Json;

namespace Broker.Tests.Hosting;

/// <summary>What holds for every answer of a kind.</summary>
internal static class AnswerAssertions
{
    private static readonly string[] ErrorMembers = ["error", "message", "code", "next_step", "request_id"];

    public static Answer ShouldBeOk(this Answer answer)
    {
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        return answer;
    }

    /// <summary>The one error shape, with this status, kind and code.</summary>
    public static Answer ShouldRefuse(this Answer answer, int status, string kind, string code)
    {
        ((int)answer.Status).ShouldBe(status, answer.Text);
        answer.ShouldHaveTheErrorShape();
        answer["error"].ShouldBe(kind, answer.Text);
        answer["code"].ShouldBe(code, answer.Text);
        return answer;
    }

    /// <summary>The same, whatever its kind.</summary>
    public static Answer ShouldRefuse(this Answer answer, HttpStatusCode status, string code) =>
        answer.ShouldRefuse((int)status, answer["error"] ?? "", code);

    /// <summary>
    /// Exactly the five members, all of them texts that say something, and the message begins with the kind.
    /// </summary>
    public static void ShouldHaveTheErrorShape(this Answer answer)
    {
        answer.Header("Content-Type").ShouldBe("application/json; charset=utf-8", answer.ToString());
        answer.Json.EnumerateObject().Select(member => member.Name).ShouldBe(ErrorMembers, answer.Text);
        answer.Json.EnumerateObject()
            .ShouldAllBe(
                member => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString()!.Length > 0);
        answer["message"]!.ShouldStartWith(answer["error"]!.Replace('_', ' ') + ": ");
        answer["request_id"].ShouldBe(answer.RequestId);
    }

    /// <summary>Nothing in the answer that opens a door: no token, and none of the secrets that STS gave.</summary>
    public static Answer ShouldHoldNoCredential(this Answer answer, StsPeer sts)
    {
        answer.Text.ShouldNotContain("eyJ");
        answer.Text.ShouldNotContain("secret_access_key");
        foreach (var secret in sts.Secrets) answer.Text.ShouldNotContain(secret);
        return answer;
    }

    public static Answer ShouldBe204(this Answer answer)
    {
        ((int)answer.Status).ShouldBe(204, answer.ToString());
        return answer;
    }
}
