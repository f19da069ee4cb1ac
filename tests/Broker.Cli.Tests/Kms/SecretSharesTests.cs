using Broker.Cli.Kms;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Cli.Tests.Kms;

public sealed class SecretSharesTests
{
    /// <summary>Worked out on paper: f(x) = 42 + 7x over AES's field gives f(1) = 2d, f(2) = 24, f(3) = 23.</summary>
    [Theory]
    [InlineData(1, 0x2d, 2, 0x24)]
    [InlineData(1, 0x2d, 3, 0x23)]
    [InlineData(3, 0x23, 2, 0x24)]
    public void Joins_a_line_through_two_points(byte firstIndex, byte first, byte secondIndex, byte second) =>
        SecretShares.Join([new(firstIndex, [first]), new(secondIndex, [second])]).ShouldBe([42]);

    [Fact]
    public void Any_threshold_of_the_shares_gives_the_secret()
    {
        Prop.ForAll<byte[], int, int>((secret, n, k) =>
        {
            if (secret is null || secret.Length == 0) return;
            var count = 2 + (Math.Abs(n % 9));
            var threshold = 2 + (Math.Abs(k % (count - 1)));
            var shares = SecretShares.Split(secret, count, threshold);
            var start = Math.Abs(n % (count - threshold + 1));
            SecretShares.Join([.. shares.Skip(start).Take(threshold)]).ShouldBe(secret);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void One_share_less_gives_something_else()
    {
        var secret = new byte[32];
        var shares = SecretShares.Split(secret, count: 5, threshold: 3);

        SecretShares.Join([.. shares.Take(2)]).ShouldNotBe(secret);
    }

    [Fact]
    public void A_share_that_comes_twice_is_refused() =>
        Should.Throw<ArgumentException>(() => SecretShares.Join([new(1, [1]), new(1, [1])]));

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(256, 2)]
    public void Impossible_numbers_are_refused(int count, int threshold) =>
        Should.Throw<ArgumentOutOfRangeException>(() => SecretShares.Split([1], count, threshold));
}
