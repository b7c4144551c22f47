// SPDX-License-Identifier: Apache-2.0
//
// The std::list workload: THREADS threads, started together, each append NODES nodes to a list of
// their own and then take them off its front. The allocator is all there is to it, so whatever a
// tracer adds shows undiluted. The last line says the wall clock's milliseconds from the start to
// the end of the last thread. Usage: list THREADS NODES
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <thread>
#include <vector>

namespace
{

void work(std::atomic<bool> &started, long node_count)
{
    started.wait(false);
    std::list<int> nodes;
    for (long i = 0; i < node_count; i++)
        nodes.emplace_back(static_cast<int>(i));
    while (!nodes.empty())
        nodes.pop_front();
}

} // namespace

int main(int argument_count, char **arguments)
{
    const long thread_count = argument_count == 3 ? std::atol(arguments[1]) : 0;
    const long node_count = argument_count == 3 ? std::atol(arguments[2]) : 0;
    if (thread_count < 1 || node_count < 1) {
        std::fprintf(stderr, "usage: list THREADS NODES (a thread)\n");
        return 64;
    }
    std::atomic<bool> started = false;
    std::vector<std::thread> threads;
    for (long i = 0; i < thread_count; i++)
        threads.emplace_back(work, std::ref(started), node_count);
    const auto start = std::chrono::steady_clock::now();
    started = true;
    started.notify_all();
    for (auto &thread : threads)
        thread.join();
    const std::chrono::duration<double, std::milli> wall =
        std::chrono::steady_clock::now() - start;
    std::printf("%.3f ms wall\n", wall.count());
    return 0;
}
