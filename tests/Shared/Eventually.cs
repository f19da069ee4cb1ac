namespace Broker.TestSupport;

/// <summary>For what happens in its own time: asks again until it holds, and fails loudly when it never does.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<T> AsksAsync<T>(Func<Task<T>> ask, Func<T, bool> holds, TimeSpan? patience = null)
    {
        for (var until = DateTime.UtcNow + (patience ?? Patience); ; await Task.Delay(20))
        {
            var answer = await ask();
            if (holds(answer)) return answer;
            DateTime.UtcNow.ShouldBeLessThan(until, $"never came true; the last answer was {answer}");
        }
    }

    public static Task HoldsAsync(Func<bool> condition, TimeSpan? patience = null) =>
        AsksAsync(() => Task.FromResult(condition()), held => held, patience);
}
