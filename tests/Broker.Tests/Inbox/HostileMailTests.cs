using System.Text;
using Broker.Inbox.Messages;
using Broker.Tests.Hosting;

namespace Broker.Tests.Inbox;

/// <summary>
/// What a message costs is bounded. Measured in bytes that reading it allocates, garbage included, which does not
/// depend on how busy the machine is; for messages up to the default limit, and of larger ones over HTTP, where they
/// are refused before they are fetched.
/// </summary>
public sealed class HostileMailTests
{
    private const int DefaultLimit = 1024 * 1024;
    private const long MostBytes = 64 * 1024 * 1024;

    public static TheoryData<string> Names => [.. HostileMails.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Costs_no_more_than_64_MB(string name)
    {
        var whole = HostileMails.All[name]();
        var message = whole.Length > DefaultLimit ? whole[..DefaultLimit] : whole;
        var before = GC.GetAllocatedBytesForCurrentThread();

        var read = MessageReader.Read(message);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.ShouldBeLessThan(MostBytes, $"{name}: {read.Refusal?.Detail ?? "read"}");
    }

    [Fact]
    public void Each_bound_has_its_refusal()
    {
        foreach (var name in (string[])
        [
            "a hundred thousand parts", "a hundred thousand headers", "a header without end",
            "a hundred thousand headers of a part", "a hundred thousand headers of a message within",
            "boundaries in a text without parts", "zero bytes",
        ])
            RefusalOf(name).ShouldBe("inbox_message_too_complex", name);
        foreach (var name in (string[])["nothing", "noise"])
            RefusalOf(name).ShouldNotBeNull(name);
        foreach (var name in (string[])
            ["as many parts as may be", "a line of a megabyte", "a short header without end"])
            RefusalOf(name).ShouldBeNull(name);
    }

    [Fact]
    public async Task Every_hostile_mail_is_answered_and_the_broker_lives_on()
    {
        await using var site = await MailSite.StartAsync();
        using var wallet = new Wallet();
        var session = await site.Broker.SignInAsync(wallet);
        foreach (var (name, make) in HostileMails.All)
        {
            await site.PutAsync(session, $"bots/{wallet.Omni}/inbound/hostile", make());

            var answer = await site.GetAsync("/v1/mail/hostile", session);

            ((int)answer.Status).ShouldBeOneOf([200, 422], $"{name}: {answer}");
            if ((int)answer.Status == 200) continue;
            answer["next_step"]!.ShouldContain("POST /v1/mint-aws-creds", Case.Sensitive, name);
            if (make().Length > DefaultLimit) answer["code"].ShouldBe("inbox_message_too_large", name);
        }
    }

    [Fact]
    public async Task The_limit_of_a_messages_bytes_is_a_setting()
    {
        await using var site = await MailSite.StartAsync(null, ("BROKER_INBOX_MESSAGE_LIMIT_BYTES", "4096"));
        using var wallet = new Wallet();
        var session = await site.Broker.SignInAsync(wallet);
        var message = "Subject: s\r\n\r\n";
        await site.PutAsync(session, $"bots/{wallet.Omni}/inbound/fits", message.PadRight(4096, 'x'));
        await site.PutAsync(session, $"bots/{wallet.Omni}/inbound/not", message.PadRight(4097, 'x'));

        (await site.GetAsync("/v1/mail/fits", session)).ShouldBeOk()["text"]!.Length
            .ShouldBe(4096 - Encoding.UTF8.GetByteCount(message));
        (await site.GetAsync("/v1/mail/not", session)).ShouldRefuse(422, "bad_request", "inbox_message_too_large");
    }

    private static string? RefusalOf(string name)
    {
        var message = HostileMails.All[name]();
        return MessageReader.Read(message.Length > DefaultLimit ? message[..DefaultLimit] : message).Refusal?.Code.Text;
    }
}
