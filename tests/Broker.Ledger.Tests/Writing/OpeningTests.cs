using Broker.Cryptography;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Tests.Faults;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Ledger.Tests.Writing;

public sealed class OpeningTests : IDisposable
{
    private readonly LedgerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_writer_is_refused_and_told_which_process_holds_the_ledger()
    {
        await using var ledger = _folder.Open();

        var fault = Should.Throw<LedgerOpenException>(() => _folder.Open());

        fault.Fault.ShouldBe(LedgerOpenFault.InUse);
        fault.Code.ShouldBe("ledger_in_use");
        fault.Message.ShouldContain($"process {Environment.ProcessId}");
    }

    [Fact]
    public async Task Another_process_is_refused_while_this_one_writes_and_readers_are_not()
    {
        await using var ledger = _folder.Open();
        await ledger.AppendAsync(Entries.Granted(), CancellationToken.None);
        var other = AppendingProcess.Start(_folder.File, new string('0', 64));
        var complaint = await other.StandardError.ReadToEndAsync();
        await other.WaitForExitAsync();

        other.ExitCode.ShouldNotBe(0);
        complaint.ShouldContain($"is written by process {Environment.ProcessId}");
        using var reader = SqliteLedger.OpenReader(_folder.File);
        reader.Size().ShouldBe(1);
    }

    [Theory]
    [InlineData("symbolic link")]
    [InlineData("link to the folder")]
    [InlineData("hard link")]
    public async Task The_lock_holds_under_every_name_of_the_file(string kind)
    {
        var other = Path.Combine(_folder.Folder, "other.sqlite");
        await using var ledger = _folder.Open();
        switch (kind)
        {
            case "symbolic link":
                File.CreateSymbolicLink(other, _folder.File);
                break;
            case "hard link":
                Command.Run("ln", _folder.File, other);
                break;
            default:
                Directory.CreateSymbolicLink(other, _folder.Folder);
                other = Path.Combine(other, Path.GetFileName(_folder.File));
                break;
        }

        var process = AppendingProcess.Start(other, new string('0', 64));
        var complaint = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldNotBe(0);
        complaint.ShouldContain("is written by");
    }

    [Fact]
    public async Task A_ledger_can_be_opened_again_once_it_is_closed()
    {
        for (var round = 0; round < 3; round++)
        {
            await using var ledger = _folder.Open();
            (await ledger.AppendAsync(Entries.Granted(), CancellationToken.None)).Index.ShouldBe(round);
        }
    }

    [Fact]
    public async Task What_was_queued_is_written_before_the_ledger_closes()
    {
        var ledger = _folder.Open();
        var appends = Enumerable.Range(0, 500)
            .Select(n => ledger.AppendAsync(Entries.Granted(n), CancellationToken.None).AsTask()).ToList();

        await ledger.DisposeAsync();

        (await Task.WhenAll(appends)).Length.ShouldBe(500);
        var late = await Should.ThrowAsync<LedgerUnavailableException>(
            ledger.AppendAsync(Entries.Granted(), CancellationToken.None).AsTask());
        late.Fault.ShouldBe(LedgerFault.Stopped);
    }

    [Fact]
    public async Task Another_key_is_refused_unless_the_change_was_meant()
    {
        await using (var ledger = _folder.Open()) await ledger.AppendAsync(Entries.Granted(), CancellationToken.None);
        using var other = Ed25519SigningKey.Generate();

        Should.Throw<LedgerOpenException>(() => SqliteLedger.Open(_folder.Options, other, TimeProvider.System))
            .Fault.ShouldBe(LedgerOpenFault.OtherKey);

        await using var meant =
            SqliteLedger.Open(_folder.Options with { AcceptOtherKey = true }, other, TimeProvider.System);
        var receipt = await meant.AppendAsync(Entries.Granted(1), CancellationToken.None);
        receipt.FaultOf(meant.VerifierKey).ShouldBeNull();
    }

    [Fact]
    public void A_database_of_somebody_else_is_left_alone()
    {
        using (var database = SqliteDatabase.OpenForWriting(_folder.File, TimeSpan.FromSeconds(1)))
        {
            database.Execute("CREATE TABLE theirs (id INTEGER)");
        }

        Should.Throw<LedgerOpenException>(() => _folder.Open()).Fault.ShouldBe(LedgerOpenFault.ForeignFile);
    }

    [Fact]
    public void A_file_that_is_no_database_is_left_alone()
    {
        File.WriteAllText(_folder.File, new string('x', 10_000));

        Should.Throw<LedgerOpenException>(() => _folder.Open()).Fault.ShouldBe(LedgerOpenFault.Damaged);
        File.ReadAllText(_folder.File).ShouldBe(new string('x', 10_000));
    }

    [Fact]
    public async Task Only_the_owner_may_read_the_file()
    {
        await using var ledger = _folder.Open();
        await ledger.AppendAsync(Entries.Granted(), CancellationToken.None);

        foreach (var file in Directory.GetFiles(_folder.Folder))
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Fact]
    public async Task A_clock_that_is_set_back_breaks_nothing()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_763_700_000));
        await using var ledger = SqliteLedger.Open(_folder.Options, _folder.Key, clock);
        for (var n = 0; n < 5; n++)
        {
            var receipt = await ledger.AppendAsync(Entries.Granted(-86_400 * n), CancellationToken.None);
            receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
            clock.AdjustTime(clock.GetUtcNow().AddDays(-1));
        }

        _folder.Verify(ledger.VerifierKey)
            .Findings.ShouldBeEmpty();
    }
}
